import type { Belfry, State } from '../client/client.ts';
import './page.css';
import { notLoaded, notSetUp, tied, untied, type Words, wordsFor } from './texts.ts';

/** The element of this page with that id. @throws Error when the page has none */
function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`This page has no #${id}`);
  return found;
}

const status = element('status', HTMLElement);
const headline = element('headline', HTMLElement);
const message = element('message', HTMLElement);
const advice = element('advice', HTMLElement);
const subscribe = element('subscribe', HTMLButtonElement);
const subscribeLabel = element('subscribe-label', HTMLElement);
const leave = element('leave', HTMLButtonElement);
const askAnswer = element('ask-answer', HTMLElement);
const ways = document.querySelectorAll<HTMLButtonElement>('[data-ask]');
const sender = element('sender', HTMLElement);

function say(words: Words, trouble: boolean) {
  status.toggleAttribute('data-trouble', trouble);
  // what has not changed is not written: a screen reader would read it out again
  if (headline.textContent !== words.headline) headline.textContent = words.headline;
  if (message.textContent !== words.message) message.textContent = words.message;
  if (advice.textContent !== (words.advice ?? '')) advice.textContent = words.advice ?? '';
  advice.hidden = words.advice === undefined;
}

function showSteps({ steps }: State) {
  for (const { name, state } of steps) {
    const row = document.querySelector<HTMLElement>(`[data-step="${name}"]`);
    if (!row || row.dataset['state'] === state) continue;
    row.dataset['state'] = state;
    row.querySelector('use')?.setAttribute('href', `#mark-${state}`);
    const spoken = row.querySelector('.hidden > span');
    if (spoken) spoken.textContent = state;
  }
}

function start(belfry: Belfry) {
  let left = false;
  const show = (state: State) => {
    const subscribed = state.status === 'subscribed' || state.status === 'kept';
    const busy = state.status === 'subscribing' || state.status === 'leaving';
    if (subscribed) left = false;
    const lostFocus = document.activeElement === (subscribed ? subscribe : leave);

    status.dataset['status'] = state.status;
    say(wordsFor(state, left), state.failure !== null && state.status !== 'kept');
    showSteps(state);
    subscribe.disabled = false;
    subscribe.hidden = subscribed || state.status === 'leaving' || state.status === 'unavailable';
    subscribe.setAttribute('aria-disabled', String(busy));
    subscribeLabel.textContent = busy ? 'One moment…' : state.status === 'failed' ? 'Try again' : 'Subscribe';
    leave.hidden = !subscribed && state.status !== 'leaving';
    leave.setAttribute('aria-disabled', String(busy));
    if (lostFocus && (subscribed ? subscribe : leave).hidden) headline.focus();
  };

  belfry.on('state', show);
  show(belfry.state());
  subscribe.addEventListener('click', async () => {
    const { status: now } = await belfry.subscribe();
    document.documentElement.toggleAttribute('data-ringing', now === 'subscribed');
  });
  for (const way of ways) {
    way.addEventListener('click', async () => {
      askAnswer.textContent = '';
      const { status: now } = await belfry.ask(way.dataset['ask'] as 'bell' | 'banner' | 'panel');
      askAnswer.textContent = now === 'subscribed' ? tied : untied;
    });
  }
  leave.addEventListener('click', async () => {
    left = true;
    await belfry.unsubscribe();
  });
}

const { belfry } = globalThis as { belfry?: Belfry };
const key = document.querySelector<HTMLElement>('script[data-site]')?.dataset['site'];
const name = sender.dataset['name'];
if (name) sender.textContent = `, sent for “${name}”`;

if (!key || !belfry) {
  say(key ? notLoaded : notSetUp, true);
  status.dataset['status'] = 'unavailable';
  subscribe.hidden = true;
  // nothing there could be tried
  for (const way of ways) way.closest('section')?.toggleAttribute('hidden', true);
} else {
  start(belfry);
}
