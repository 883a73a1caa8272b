import type Database from 'better-sqlite3';

/** Campaigns that everyone was sent, the oldest first, a day apart. */
const CAMPAIGNS = 5;

/**
 * Fills a site with people by SQL: spread over browsers, systems, languages and countries about as visitors are, each
 * with three attributes and two tags, and what became of five campaigns.
 * @returns milliseconds that the people alone took, with all indexes and triggers in place
 */
export function fill(db: Database.Database, site: number, count: number, now: number): number {
  db.exec(`
    INSERT INTO site (id, key, name, origins, subject, settings, practice, identity_secret, created_at)
    VALUES (${site}, 'site${site}', 'Site', '[]', 'mailto:a@b.example', '{}', 0, x'00', 0);
    INSERT INTO vapid_key (id, site_id, public_key, private_key, created_at) VALUES (${site}, ${site}, x'00', x'00', 0);
    CREATE TEMP TABLE number AS
    WITH RECURSIVE counting (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counting WHERE n < ${count - 1})
    SELECT n, ${Array.from({ length: 13 }, (_, i) => `abs(random() % 1000000) AS chance${i}`)} FROM counting;`);
  const chance = (purpose: number, parts: number) => `(chance${purpose} % ${parts})`;
  const pick = (purpose: number, values: [string, number][]) => {
    let below = 0;
    const cases = values.map(([value, percent]) => {
      below += percent;
      return `WHEN ${chance(purpose, 100)} < ${below} THEN '${value}'`;
    });
    return `CASE ${cases.join(' ')} END`;
  };
  const began = performance.now();
  db.transaction(() => {
    db.prepare(`
      INSERT INTO subscriber (site_id, vapid_key_id, state, state_since, endpoint_hash, endpoint, push_service, p256dh,
        auth, browser, browser_version, system, device, language, country, time_zone, external_id, attributes,
        first_seen, last_seen)
      SELECT ${site}, ${site}, iif(${chance(1, 100)} < 90, 0, 2), 0, randomblob(16),
        'https://push.example.org/send/' || hex(randomblob(60)), 'fcm', randomblob(65), randomblob(16),
        ${pick(2, [
          ['Chrome', 60],
          ['Firefox', 12],
          ['Safari', 15],
          ['Microsoft Edge', 10],
          ['Opera', 3],
        ])},
        '1' || ${chance(3, 40)},
        ${pick(4, [
          ['Windows', 45],
          ['Android', 30],
          ['macOS', 15],
          ['iOS', 7],
          ['Linux', 3],
        ])},
        ${pick(5, [
          ['desktop', 60],
          ['mobile', 36],
          ['tablet', 4],
        ])},
        ${pick(6, [
          ['en', 30],
          ['en-GB', 10],
          ['de', 20],
          ['de-AT', 3],
          ['fr', 15],
          ['es', 12],
          ['pt-BR', 6],
          ['sv', 1],
          ['pl', 3],
        ])},
        ${pick(7, [
          ['US', 30],
          ['GB', 12],
          ['DE', 20],
          ['AT', 3],
          ['FR', 15],
          ['ES', 10],
          ['BR', 6],
          ['SE', 1],
          ['PL', 3],
        ])},
        'Europe/Berlin', 'user-' || n,
        json_object('plan', ${pick(8, [
          ['free', 80],
          ['plus', 15],
          ['pro', 5],
        ])}, 'visits', ${chance(9, 200)},
          'renewal', date(${now} / 1000, 'unixepoch', '-' || ${chance(10, 365)} || ' days')),
        ${now} - ${chance(11, 700)} * 86400000, ${now} - ${chance(12, 120)} * 86400000
      FROM number`).run();
  })();
  const took = performance.now() - began;
  db.exec(`
    WITH RECURSIVE counting (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counting WHERE n < 19)
    INSERT INTO tag (site_id, name) SELECT ${site}, 'tag ' || n FROM counting;
    CREATE TEMP TABLE person AS SELECT id, abs(random() % 20) AS tag1, abs(random() % 7) AS tag2 FROM subscriber WHERE site_id = ${site};
    INSERT INTO subscriber_tag SELECT t.id, p.id FROM person p
      JOIN tag t ON t.site_id = ${site} AND t.name IN ('tag ' || p.tag1, 'tag ' || p.tag2);`);
  for (let i = 0; i < CAMPAIGNS; i++) {
    const started = now - (CAMPAIGNS - i) * 86_400_000;
    db.exec(`
      INSERT INTO campaign (site_id, state, kind, message, audience, created_at, started_at)
      VALUES (${site}, 'finished', 'campaign', '{"title":"News"}', '{"everyone":true}', ${started}, ${started});
      INSERT INTO delivery (campaign_id, subscriber_id, push_service, state, due_at, settled_at, shown_at, clicked_at)
      SELECT last_insert_rowid(), id, 'fcm', iif(abs(random() % 100) < 95, 2, 3), 0, ${started},
        iif(abs(random() % 100) < 60, ${started}, NULL), iif(abs(random() % 100) < 4, ${started}, NULL)
      FROM person ORDER BY id;`);
  }
  db.exec('DROP TABLE temp.person; DROP TABLE temp.number');
  return took;
}
