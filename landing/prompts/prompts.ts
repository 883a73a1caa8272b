import type { PromptForPage } from '../../main/contract/public.ts';
import type { Belfry } from '../client/belfry.ts';
import type { FailureCode, State } from '../client/state.ts';
import type { Store } from '../shared/store.ts';
import { counted, isQuiet, openMemory, shownAgain, snoozed } from './memory.ts';
import { createSurface, type SurfaceKind } from './surface.ts';
import type { View, ViewName } from './views.ts';
import { welcome } from './welcome.ts';
import { whenItIsTime } from './when.ts';

export type { SurfaceKind } from './surface.ts';

/** What the client hands over when it loads the prompts. */
export interface Context {
  client: Pick<Belfry, 'state' | 'on' | 'subscribe' | 'unsubscribe'>;
  site: string;
  server: string;
  /** BCP 47; the page's own, or else the browser's, when left out. */
  language?: string | undefined;
  store: Store;
  /** Tells the server what changed. */
  sync(): Promise<State>;
}

/** What the client can ask of the prompts. Each resolves to where one stands once the card was put away. */
export interface Prompts {
  ask(kind?: SurfaceKind): Promise<State>;
  manage(): Promise<State>;
}

const thanksFor = 8000;
const busy = ['checking', 'subscribing', 'leaving'];

const viewOf: Partial<Record<FailureCode, ViewName>> = {
  ios_home_screen: 'homeScreen',
  permission_denied: 'blocked',
  permission_withdrawn: 'blocked',
  permission_dismissed: 'dismissed',
  private_window: 'unable',
  insecure_origin: 'unable',
  workers_unsupported: 'unable',
  push_unsupported: 'unable',
  storage_blocked: 'unable',
};

async function fetchPrompt({ server, site, language }: Context): Promise<PromptForPage> {
  const wanted = language || document.documentElement.lang || navigator.language;
  const address = `${server}/v1/sites/${encodeURIComponent(site)}/prompt?language=${encodeURIComponent(wanted)}`;
  const response = await fetch(address, { credentials: 'omit' });
  if (!response.ok) throw new Error(`Belfry's prompt: ${response.status}`);
  return response.json();
}

/**
 * Begins to ask, in the way that the site has chosen. The browser is asked only after a click on yes.
 * @throws Error when what to show cannot be fetched
 */
export async function start(context: Context): Promise<Prompts> {
  const { client, site, store } = context;
  const prompt = await fetchPrompt(context);
  const { words, snoozeDays } = prompt;
  const usual: SurfaceKind = prompt.kind === 'page' || prompt.kind === 'button' ? 'panel' : prompt.kind;
  const memory = openMemory(site);
  const waiting = new Set<(state: State) => void>();
  let joining = false;
  /** Whether what is shown follows from what a person did in it. */
  let acting = false;
  let byItself = false;
  let rung = false;
  let showing: SurfaceKind = usual;

  const place = `site:${site}` as const;
  const recall = () => store.update(place, (value) => value);
  const keepTopics = (topics: string[]) =>
    prompt.topics.length > 0
      ? store.update(place, (value) => ({ server: context.server, ...value, topics }))
      : undefined;
  const tell = (what: 'shown' | 'accepted' | 'dismissed') =>
    document.dispatchEvent(new CustomEvent('belfry:prompt', { detail: { what, kind: showing } }));
  const snooze = () => void memory?.change((now) => snoozed(now, Date.now(), snoozeDays));

  const surface = createSurface(
    document.body,
    prompt,
    {
      join,
      close: () => {
        const { status } = client.state();
        if (!acting && status !== 'subscribed' && status !== 'kept') {
          snooze();
          tell('dismissed');
        }
        putAway();
      },
      save: async (topics) => {
        await keepTopics(topics);
        await context.sync();
        if (!surface.shown()) return;
        surface.show({ name: 'manage', chosen: topics, body: words.saved }, true);
        surface.say(words.saved);
      },
      leave: () => act(() => client.unsubscribe()),
    },
    { nonce: document.querySelector<HTMLElement>('script[nonce]')?.nonce ?? '' },
  );
  surface.dressAs(usual);

  function putAway() {
    surface.hide();
    for (const done of waiting) done(client.state());
    waiting.clear();
  }

  /** Where one stands, as a card says it. `asked`: right after a person's yes. */
  function viewFor({ status, steps, failure }: State, asked = false): View {
    if (status === 'subscribed') return { name: asked ? 'done' : 'manage' };
    if (status === 'kept') return { name: asked ? 'kept' : 'manage' };
    if (busy.includes(status)) {
      const open = steps.some(({ name, state }) => name === 'permission' && state === 'running');
      return { name: open ? 'asking' : 'busy' };
    }
    const known = failure && viewOf[failure.code];
    // the client's own words say more, in the language that it speaks
    const own = failure &&
      prompt.language.startsWith('en') && { title: failure.message, body: failure.advice };
    if (!failure || (!asked && (known === 'homeScreen' || status !== 'unavailable')))
      return { name: 'ask', ...(failure?.code === 'subscription_lost' && own) };
    const name = known ?? 'failed';
    return { name, ...((name === 'failed' || name === 'unable') && own) };
  }

  async function act(work: () => Promise<State>) {
    acting = true;
    surface.show({ name: 'busy' }, true);
    const state = await work();
    acting = false;
    if (state.failure?.code === 'permission_dismissed') snooze();
    if (!surface.shown()) return;
    const view: View = state.status === 'unsubscribed' ? { name: 'left' } : viewFor(state, true);
    surface.show(view, true);
    if (view.name === 'done') closeSoon();
  }

  function closeSoon() {
    setTimeout(() => {
      if (surface.shown()?.name !== 'done') return;
      if (surface.inUse()) closeSoon();
      else putAway();
    }, thanksFor);
  }

  function join(topics: string[]) {
    tell('accepted');
    void keepTopics(topics);
    const { failure, status } = client.state();
    // no browser is asked what it cannot do
    if (status === 'unavailable' && failure?.code === 'ios_home_screen') {
      surface.show({ name: 'homeScreen' }, true);
      return;
    }
    void act(() => client.subscribe());
  }

  const settled = () =>
    new Promise<State>((done) => {
      if (!busy.includes(client.state().status)) return done(client.state());
      const end = client.on('state', (state) => {
        if (busy.includes(state.status)) return;
        end();
        done(state);
      });
    });

  async function open(kind: SurfaceKind): Promise<void> {
    const [state, known] = await Promise.all([settled(), recall()]);
    const view = viewFor(state);
    byItself = false;
    showing = kind;
    surface.dressAs(kind);
    if (kind === 'bell') ring();
    surface.show({ ...view, chosen: known?.topics }, true);
    if (view.name === 'ask') tell('shown');
  }

  const closed = () => new Promise<State>((done) => waiting.add(done));
  const ask = async (kind = usual) => {
    await open(kind);
    return closed();
  };

  /** Whether the site may come forward now without having been called. */
  async function mayAsk(): Promise<boolean> {
    const { status, failure } = await settled();
    const known = await recall();
    const able = status === 'unsubscribed' && (!failure || failure.code === 'subscription_lost');
    const open = able || failure?.code === 'ios_home_screen';
    // where nothing is kept, a no would not be remembered
    const quiet = !memory || isQuiet(memory.read(), Date.now(), snoozeDays);
    return open && !quiet && known?.choice !== 'out' && globalThis.Notification?.permission !== 'denied';
  }

  async function comeForward() {
    if (!(await mayAsk()) || surface.shown()) return;
    const known = await recall();
    memory?.change((now) => shownAgain(now, Date.now(), snoozeDays));
    byItself = true;
    showing = usual;
    surface.dressAs(usual);
    surface.show({ ...viewFor(client.state()), chosen: known?.topics }, false);
    tell('shown');
  }

  function ring() {
    if (rung) return;
    rung = true;
    surface.bell(() => {
      if (surface.shown()) putAway();
      else void open('bell');
    });
  }

  document.addEventListener('click', (event) => {
    const wish = event.target instanceof Element && event.target.closest<HTMLElement>('[data-belfry]');
    if (!wish) return;
    event.preventDefault();
    const { status } = client.state();
    const direct = wish.dataset['belfry'] === 'subscribe' && status !== 'subscribed' && status !== 'kept';
    if (direct) {
      showing = usual;
      join(prompt.topics.filter(({ chosen }) => chosen).map(({ tag }) => tag));
    } else void open(usual);
  });

  const follow = (state: State) => {
    const { status } = state;
    document.documentElement.dataset['belfryStatus'] = status;
    surface.status(status === 'kept' ? 'subscribed' : status);
    if (acting && surface.shown() && busy.includes(status)) {
      const view = viewFor(state, true);
      if (surface.shown()?.name !== view.name) surface.show(view, true);
    }
    if (status === 'subscribing') joining = true;
    else if (!busy.includes(status)) {
      if (joining && status === 'subscribed' && prompt.welcome) void welcome(prompt.welcome, prompt);
      joining = false;
      // answered elsewhere: by the page's own button, or in another tab
      if (!acting && byItself && surface.shown()?.name === 'ask' && status !== 'unsubscribed') putAway();
    }
  };
  client.on('state', follow);
  follow(client.state());
  memory?.watch(() => {
    if (byItself && surface.shown()?.name === 'ask' && isQuiet(memory.read(), Date.now(), snoozeDays))
      putAway();
  });

  const count = () =>
    memory?.change((before) => counted(before, Date.now())) ?? { pages: 1, visits: 1, seen: Date.now() };
  const counts = count();
  if (prompt.kind === 'bell') {
    const { status, failure } = await settled();
    const able = status !== 'unavailable' || viewOf[failure?.code ?? 'unexpected'] !== 'unable';
    if (status === 'subscribed' || status === 'kept') ring();
    else if (able) whenItIsTime(prompt.when, counts, count, ring);
  } else if (prompt.kind === 'banner' || prompt.kind === 'panel') {
    whenItIsTime(prompt.when, counts, count, () => void comeForward());
  }
  return { ask, manage: () => ask(usual) };
}
