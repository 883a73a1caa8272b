import { type ReactNode, useId } from 'react';
import classes from './prompts.module.css';

/** Fields that belong together, under a title and a sentence. */
export function Group({ title, about, children }: { title: string; about?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className={classes['group']} aria-labelledby={id}>
      <div>
        <h2 id={id}>{title}</h2>
        {about && <p className="dim">{about}</p>}
      </div>
      {children}
    </section>
  );
}
