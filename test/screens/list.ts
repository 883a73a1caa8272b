/** What a screen's address may name: things that the stage has made. */
export interface Ids {
  site: string;
  person: string;
  /** One that was sent. */
  campaign: string;
  draft: string;
  scheduled: string;
  segment: string;
}

/** A screen of the console, for the tests that look at all of them and for `npm run screens`. */
export interface Screen {
  name: string;
  /** Its address within the console. */
  at: (ids: Ids) => string;
  /** A text that is there when it is ready. */
  ready: string | RegExp;
  /** The same on a site where nothing is yet; left out: then the screen is not there. */
  empty?: string | RegExp;
  /** Its pictures are compared with the ones kept, so that a change of its look is seen. */
  compared?: true;
}

const of = (path: string) => (ids: Ids) =>
  `/sites/${ids.site}${path.replace(/\{(\w+)\}/g, (_, name: keyof Ids) => ids[name])}`;

/** A new screen is one line here. */
export const screens: Screen[] = [
  { name: 'overview', at: of(''), ready: 'Sent lately', empty: 'Start here', compared: true },
  { name: 'overview-year', at: of('?days=365'), ready: 'Sent lately' },
  { name: 'subscribers', at: of('/subscribers'), ready: 'Last seen', empty: 'Nobody', compared: true },
  {
    name: 'subscribers-filtered',
    at: of(`/subscribers?matching=${encodeURIComponent('{"tag":"offers"}')}`),
    ready: 'Make it a segment',
  },
  { name: 'subscribers-seen', at: of('/subscribers?sort=lastSeen&state=all'), ready: 'Last seen' },
  { name: 'subscriber', at: of('/subscribers/{person}'), ready: 'What happened', compared: true },
  { name: 'segments', at: of('/segments'), ready: 'New segment', empty: 'No segments yet' },
  { name: 'segment', at: of('/segments/{segment}'), ready: 'The newest of them' },
  { name: 'new-segment', at: of('/segments/new'), ready: 'The newest of them' },
  { name: 'attributes', at: of('/attributes'), ready: 'in use', empty: 'No attributes yet' },
  { name: 'import', at: of('/import'), ready: 'Import', empty: 'Import' },
  { name: 'campaigns', at: of('/campaigns'), ready: 'Finished', empty: 'Nothing was sent', compared: true },
  { name: 'campaign', at: of('/campaigns/{campaign}'), ready: 'What people clicked', compared: true },
  { name: 'deliveries', at: of('/campaigns/{campaign}?tab=deliveries'), ready: 'Visitor', compared: true },
  { name: 'message', at: of('/campaigns/{campaign}?tab=message'), ready: 'Kept for' },
  { name: 'scheduled', at: of('/campaigns/{scheduled}'), ready: 'Waits for its time' },
  { name: 'compose', at: of('/compose'), ready: 'How it looks', empty: 'How it looks' },
  { name: 'draft', at: of('/compose?draft={draft}'), ready: 'Edit draft', compared: true },
  { name: 'prompts', at: of('/prompts'), ready: 'A quiet bell', empty: 'A quiet bell' },
  {
    name: 'setup',
    at: of('/setup'),
    ready: 'Your site and its key pair',
    empty: 'Your site and its key pair',
  },
  { name: 'rehearsal', at: of('/rehearsal'), ready: 'What the people saw' },
  {
    name: 'settings',
    at: of('/settings'),
    ready: 'Delete this site',
    empty: 'Delete this site',
    compared: true,
  },
  { name: 'jobs', at: () => '/jobs', ready: 'Under way' },
  { name: 'new-site', at: () => '/new-site', ready: 'Try it with a rehearsal' },
];
