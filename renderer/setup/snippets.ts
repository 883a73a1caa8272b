/** A file, or a part of one, to be copied as it stands. */
export interface Snippet {
  /** Which file, or where in it. */
  label: string;
  /** The language, as Markdown names it. */
  language: string;
  code: string;
}

export interface WayStep {
  title: string;
  /** Code stands between backticks. */
  text: string;
  snippets: Snippet[];
}

/** A way to bring Belfry into a site, by what the site is made with. */
export interface Way {
  id: WayId;
  name: string;
  steps: WayStep[];
}

export const wayIds = ['html', 'next', 'vite', 'wordpress', 'worker', 'tags', 'shopify', 'page'] as const;
export type WayId = (typeof wayIds)[number];

export interface Subject {
  /** Origin of the public address. */
  server: string;
  /** Of the site; not a secret. */
  key: string;
  /** Where a site with a worker of its own serves it. */
  workerPath: string;
}

const workerLine = (server: string) => `importScripts('${server}/belfry-sw.js');`;
const tag = ({ server, key }: Subject, more = '') =>
  `<script src="${server}/belfry.js" data-site="${key}"${more} defer></script>`;
const button = '<button onclick="belfry.subscribe()">Tell me when there is news</button>';

/**
 * Every way, in the words and files of the guide. `docs/embedding.md` says the same; a test compares the two.
 */
export const ways = (subject: Subject): Way[] => [
  html(subject),
  next(subject),
  vite(subject),
  wordpress(subject),
  ownWorker(subject),
  tagManager(subject),
  shopify(subject),
  ownPage(subject),
];

const html = (subject: Subject): Way => ({
  id: 'html',
  name: 'Plain HTML',
  steps: [
    {
      title: 'The service worker',
      text: 'Put a file `belfry-sw.js` of this one line at the root of your site, beside `index.html`. It shows the messages, also when no page of yours is open.',
      snippets: [{ label: 'belfry-sw.js', language: 'js', code: workerLine(subject.server) }],
    },
    {
      title: 'The script',
      text: 'Put this into the head of every page.',
      snippets: [{ label: 'In the head', language: 'html', code: tag(subject) }],
    },
    {
      title: 'The button',
      text: 'Where it suits. Browsers ask only after a click, and people say yes more often when they know what for.',
      snippets: [{ label: 'In the page', language: 'html', code: button }],
    },
  ],
});

const next = ({ server, key }: Subject): Way => ({
  id: 'next',
  name: 'Next.js',
  steps: [
    {
      title: 'The service worker',
      text: 'A file in `public` is served at the root. If your middleware redirects by language, leave `/belfry-sw.js` out of its matcher: browsers take no worker from a redirect.',
      snippets: [{ label: 'public/belfry-sw.js', language: 'js', code: workerLine(server) }],
    },
    {
      title: 'The script',
      text: 'In the root layout, so that every page has it.',
      snippets: [
        {
          label: 'app/layout.jsx',
          language: 'jsx',
          code: [
            "import Script from 'next/script';",
            '',
            'export default function RootLayout({ children }) {',
            '  return (',
            '    <html lang="en">',
            '      <body>',
            '        {children}',
            `        <Script src="${server}/belfry.js" data-site="${key}" strategy="afterInteractive" />`,
            '      </body>',
            '    </html>',
            '  );',
            '}',
          ].join('\n'),
        },
      ],
    },
    {
      title: 'The button',
      text: 'A client component, to be placed where it suits.',
      snippets: [
        {
          label: 'app/subscribe-button.jsx',
          language: 'jsx',
          code: [
            "'use client';",
            '',
            'export function SubscribeButton() {',
            '  return <button onClick={() => window.belfry?.subscribe()}>Tell me when there is news</button>;',
            '}',
          ].join('\n'),
        },
      ],
    },
  ],
});

const vite = (subject: Subject): Way => ({
  id: 'vite',
  name: 'React with Vite',
  steps: [
    {
      title: 'The service worker',
      text: 'A file in `public` is served at the root, in development, too. Let your server answer it before it falls back to `index.html`.',
      snippets: [{ label: 'public/belfry-sw.js', language: 'js', code: workerLine(subject.server) }],
    },
    {
      title: 'The script',
      text: 'In the head of `index.html`.',
      snippets: [{ label: 'index.html', language: 'html', code: tag(subject) }],
    },
    {
      title: 'The button',
      text: 'A component, to be placed where it suits.',
      snippets: [
        {
          label: 'src/subscribe-button.jsx',
          language: 'jsx',
          code: [
            'export function SubscribeButton() {',
            '  return <button onClick={() => window.belfry?.subscribe()}>Tell me when there is news</button>;',
            '}',
          ].join('\n'),
        },
      ],
    },
  ],
});

const wordpress = ({ server, key }: Subject): Way => ({
  id: 'wordpress',
  name: 'WordPress',
  steps: [
    {
      title: 'One file for both',
      text: 'Put this file into the folder `wp-content/mu-plugins` (make it if it is not there): WordPress then serves the service worker and brings the script into every page, whatever the theme. Where the web server answers every `.js` address by itself, put the line in quotes into a file `belfry-sw.js` beside `wp-config.php` as well.',
      snippets: [
        {
          label: 'wp-content/mu-plugins/belfry.php',
          language: 'php',
          code: [
            '<?php',
            '/* Plugin Name: Belfry */',
            "add_action('init', function () {",
            "    if (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) !== '/belfry-sw.js') return;",
            "    header('Content-Type: text/javascript; charset=utf-8');",
            "    header('Cache-Control: no-cache');",
            `    echo "${workerLine(server)}";`,
            '    exit;',
            '});',
            "add_action('wp_head', function () {",
            `    echo '<script src="${server}/belfry.js" data-site="${key}" defer></script>';`,
            '});',
          ].join('\n'),
        },
      ],
    },
    {
      title: 'The button',
      text: 'In a block “Custom HTML”, where it suits. Then empty the cache of the site, if a plugin keeps one.',
      snippets: [{ label: 'In the page', language: 'html', code: button }],
    },
  ],
});

const ownWorker = (subject: Subject): Way => {
  const path = subject.workerPath === '/belfry-sw.js' ? '/sw.js' : subject.workerPath;
  const lines = `self.belfryShared = true;\n${workerLine(subject.server)}`;
  return {
    id: 'worker',
    name: 'My site has a service worker',
    steps: [
      {
        title: 'Two lines in your worker',
        text: 'At its top, before everything else. A browser has one worker for a scope, and two would replace each other: so yours brings Belfry in. The first line tells Belfry to keep to its own messages, and to leave the life of the worker and everybody else’s pushes to you.',
        snippets: [{ label: path.slice(1), language: 'js', code: lines }],
      },
      {
        title: 'With Workbox',
        text: 'Where `generateSW` writes the worker, put the two lines into a file of its own, and let it be imported.',
        snippets: [
          { label: 'public/belfry-part.js', language: 'js', code: lines },
          { label: 'Options of generateSW', language: 'js', code: "importScripts: ['/belfry-part.js']," },
        ],
      },
      {
        title: 'The script',
        text: 'In the head of every page. It names your worker; the same can be set once for all pages under Settings.',
        snippets: [
          { label: 'In the head', language: 'html', code: tag(subject, ` data-worker-path="${path}"`) },
        ],
      },
      {
        title: 'The button',
        text: 'Where it suits.',
        snippets: [{ label: 'In the page', language: 'html', code: button }],
      },
    ],
  };
};

const tagManager = ({ server, key }: Subject): Way => ({
  id: 'tags',
  name: 'Tag Manager',
  steps: [
    {
      title: 'The service worker',
      text: 'A tag manager serves no files, and a service worker must come from your own site. Put a file `belfry-sw.js` of this one line at its root. Where that cannot be, let people subscribe on a page of your own subdomain.',
      snippets: [{ label: 'belfry-sw.js', language: 'js', code: workerLine(server) }],
    },
    {
      title: 'The script',
      text: 'A tag of the kind “Custom HTML”, with the trigger “All pages”. It makes the element in code, since tag managers drop what they do not know from HTML.',
      snippets: [
        {
          label: 'Custom HTML of the script',
          language: 'html',
          code: [
            '<script>',
            '  (function () {',
            "    var script = document.createElement('script');",
            `    script.src = '${server}/belfry.js';`,
            `    script.dataset.site = '${key}';`,
            '    document.head.appendChild(script);',
            '  })();',
            '</script>',
          ].join('\n'),
        },
      ],
    },
    {
      title: 'The button',
      text: 'Give a button of your site the class `tell-me`, and add this tag, with the trigger “All pages”.',
      snippets: [
        {
          label: 'Custom HTML of the button',
          language: 'html',
          code: [
            '<script>',
            "  document.addEventListener('click', function (event) {",
            "    if (event.target.closest('.tell-me')) window.belfry.subscribe();",
            '  });',
            '</script>',
          ].join('\n'),
        },
      ],
    },
  ],
});

const shopify = (subject: Subject): Way => ({
  id: 'shopify',
  name: 'Shopify',
  steps: [
    {
      title: 'An app proxy',
      text: 'A shop serves no files of yours at its root. Make an app of your own (Settings, Apps, Develop apps), and give it an app proxy: prefix `apps`, subpath `belfry`, and this proxy URL. The shop then hands Belfry’s worker on at `/apps/belfry/belfry-sw.js`. It has that folder as its scope, which is enough: messages are shown whatever page is open.',
      snippets: [{ label: 'Proxy URL', language: 'text', code: subject.server }],
    },
    {
      title: 'The script',
      text: 'In the theme’s code, before the end of the head. It names where the worker is.',
      snippets: [
        {
          label: 'layout/theme.liquid',
          language: 'html',
          code: tag(subject, ' data-worker-path="/apps/belfry/belfry-sw.js"'),
        },
      ],
    },
    {
      title: 'The button',
      text: 'In a section “Custom Liquid”, where it suits.',
      snippets: [{ label: 'Custom Liquid', language: 'html', code: button }],
    },
  ],
});

const ownPage = ({ server, key }: Subject): Way => ({
  id: 'page',
  name: 'A page of its own',
  steps: [
    {
      title: 'A name of your domain',
      text: 'For sites into which nothing can be put. Let a subdomain of yours, such as `news.example.com`, lead to Belfry’s public port through your proxy, and start Belfry with it. Belfry then serves the page on which people subscribe, with its worker and its script.',
      snippets: [
        {
          label: 'Start',
          language: 'sh',
          code: 'npm run serve -- --public-url https://news.example.com --landing',
        },
      ],
    },
    {
      title: 'A link to it',
      text: 'From your pages, your mails, your profiles. The subdomain need not be among the site’s addresses: Belfry knows its own.',
      snippets: [
        {
          label: 'In your pages',
          language: 'html',
          code: `<a href="${server}/?site=${key}">Tell me when there is news</a>`,
        },
      ],
    },
  ],
});
