import { ActionIcon } from '@mantine/core';
import { IconLayoutSidebar } from '@tabler/icons-react';
import { useRouterState } from '@tanstack/react-router';
import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react';
import { Skeleton } from '../parts/states.tsx';
import classes from './frame.module.css';

/** Opens the navigation where the window is too narrow to show it beside the screen. */
export const NavigationContext = createContext<{ open: () => void; opened: boolean } | null>(null);

interface Props {
  title: string;
  /** The screens above this one, as links, outermost first. */
  trail?: ReactNode[];
  /** Beside the title: a state, a number. */
  aside?: ReactNode;
  actions?: ReactNode;
  /** `page`: scrolls as a whole, with a margin. `fill`: the screen lays itself out in the height there is. */
  layout?: 'page' | 'fill';
  children: ReactNode;
}

/** The frame of one screen: breadcrumbs ending in its title, its actions, its content. Takes the focus when it opens. */
export function Screen({ title, trail = [], aside, actions, layout = 'page', children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const navigation = useContext(NavigationContext);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const before = useRef<string | null>(null);

  useEffect(() => {
    document.title = `${title} · Belfry`;
  }, [title]);
  useEffect(() => {
    const busy = document.activeElement;
    const elsewhere =
      busy && busy !== document.body && document.contains(busy) && busy.matches('input, textarea');
    if (before.current !== path && !elsewhere) heading.current?.focus({ preventScroll: true });
    before.current = path;
  }, [path]);

  return (
    <main className={classes['screen']}>
      <header className={classes['bar']}>
        <ActionIcon
          className={classes['menu']}
          aria-label="Open the navigation"
          aria-expanded={navigation?.opened ?? false}
          onClick={navigation?.open}
        >
          <IconLayoutSidebar size={18} stroke={1.5} />
        </ActionIcon>
        <div className={classes['crumbs']}>
          {trail.length > 0 && (
            <nav aria-label="Breadcrumbs" className={classes['trail']}>
              {trail.map((crumb, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a trail never reorders
                <span key={index}>
                  {crumb}
                  <span aria-hidden="true" className={classes['slash']}>
                    /
                  </span>
                </span>
              ))}
            </nav>
          )}
          <h1 ref={heading} tabIndex={-1} dir="auto">
            {title}
          </h1>
          {aside}
        </div>
        {actions && <div className={classes['actions']}>{actions}</div>}
      </header>
      <div
        className={layout === 'fill' ? classes['fill'] : classes['page']}
        data-scroller={layout === 'page' || undefined}
      >
        {children}
      </div>
    </main>
  );
}

/** In place of a screen that is on its way; says nothing yet, and takes no focus. */
export function ScreenSkeleton() {
  return (
    <main className={classes['screen']}>
      <header className={classes['bar']} />
      <div className={classes['page']}>
        <Skeleton />
      </div>
    </main>
  );
}
