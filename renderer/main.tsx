import '@fontsource-variable/inter/wght.css';
import './theme/fonts.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './theme/global.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { openDoor } from './door.ts';
import { CoreProvider, createApi, createQueryClient } from './frame/api.tsx';
import { ConfirmProvider } from './frame/confirm.tsx';
import { ConnectionProvider } from './frame/connection.tsx';
import { createConsoleRouter } from './frame/router.tsx';
import { theme, variables } from './theme/theme.ts';

// styles that libraries write while running carry the page's nonce, or the policy refuses them
const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';
setNonce(nonce);

const client = await openDoor();
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={variables}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        <Notifications position="bottom-right" limit={3} />
        <CoreProvider client={client} api={createApi(client)}>
          <QueryClientProvider client={createQueryClient()}>
            <ConnectionProvider>
              <ConfirmProvider>
                <RouterProvider router={createConsoleRouter()} />
              </ConfirmProvider>
            </ConnectionProvider>
          </QueryClientProvider>
        </CoreProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
