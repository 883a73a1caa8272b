import { useEffect, useEffectEvent, useState } from 'react';

/**
 * Says to a screen reader what changes all the time: at once when `state` is another one, and no more than once in
 * ten seconds beside that.
 */
export function Spoken({ text, state }: { text: string; state: string }) {
  const [said, setSaid] = useState('');
  const say = useEffectEvent(() => setSaid(text));
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new state is said at once
  useEffect(() => {
    say();
    const timer = setInterval(() => say(), 10_000);
    return () => clearInterval(timer);
  }, [state]);
  return (
    <p className="visually-hidden" aria-live="polite">
      {said}
    </p>
  );
}
