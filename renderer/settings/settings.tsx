import type { ReactNode } from 'react';
import { Screen } from '../frame/screen.tsx';
import { useSite } from '../frame/site.tsx';
import { About } from './about.tsx';
import { ApiKeys } from './api-keys.tsx';
import { Appearance } from './appearance.tsx';
import { FrequencyCap } from './frequency-cap.tsx';
import { Identity } from './identity.tsx';
import { KeyPair } from './key-pair.tsx';
import { Keys } from './keys.tsx';
import { PushServices } from './push-services.tsx';
import { RemoveSite } from './remove-site.tsx';
import { Retention } from './retention.tsx';
import classes from './settings.module.css';
import { SiteFacts } from './site-facts.tsx';
import { Visitors } from './visitors.tsx';

/** Everything that is set once and rarely changed. */
export function Settings(): ReactNode {
  const site = useSite();
  return (
    <Screen title="Settings">
      {/* another site is another form */}
      <div className={classes['settings']} key={site.id}>
        <SiteFacts />
        <Visitors />
        <Identity />
        <FrequencyCap />
        <KeyPair />
        <Keys />
        <ApiKeys />
        <PushServices />
        <Retention />
        <Appearance />
        <About />
        <RemoveSite />
      </div>
    </Screen>
  );
}
