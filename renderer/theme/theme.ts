import {
  Button,
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  Input,
  InputWrapper,
  type MantineColorsTuple,
  rem,
} from '@mantine/core';
import { distances, meanings, primaryShade, radii, scales, textSizes } from './tokens.ts';

const tuple = (scale: readonly string[]) => scale as unknown as MantineColorsTuple;
const sized = <T extends Record<string, number>>(sizes: T) =>
  Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, rem(size)]));
const { small, base, large, title } = textSizes;

const quick = { transitionProps: { duration: 100 } };

/** Mantine's theme, made of the tokens. */
export const theme = createTheme({
  colors: {
    patina: tuple(scales.patina),
    bronze: tuple(scales.bronze),
    red: tuple(scales.red),
    amber: tuple(scales.amber),
    yellow: tuple(scales.amber),
    gray: tuple(scales.gray),
    dark: tuple(scales.dark),
  },
  primaryColor: 'patina',
  primaryShade,
  black: meanings.light.ink,
  white: '#ffffff',
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSizes: sized({ xs: small, sm: base, md: base, lg: large, xl: title }),
  lineHeights: { xs: '1.35', sm: '1.45', md: '1.45', lg: '1.35', xl: '1.25' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: rem(large), lineHeight: '1.35' },
      h2: { fontSize: rem(large), lineHeight: '1.35' },
      h3: { fontSize: rem(base), lineHeight: '1.45' },
    },
  },
  spacing: sized(distances),
  radius: sized(radii),
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  shadows: {
    xs: 'none',
    sm: 'none',
    md: '0 1px 2px rgb(10 20 30 / 8%), 0 6px 16px rgb(10 20 30 / 10%)',
    lg: '0 2px 4px rgb(10 20 30 / 8%), 0 12px 32px rgb(10 20 30 / 16%)',
    xl: '0 2px 4px rgb(10 20 30 / 8%), 0 20px 56px rgb(10 20 30 / 22%)',
  },
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    return input.variant === 'filled' ? { ...colors, color: 'var(--onFill)' } : colors;
  },
  components: {
    Button: Button.extend({
      defaultProps: { size: 'xs' },
      vars: (_, { size }) => ({
        root:
          size === 'xs'
            ? { '--button-height': rem(28), '--button-fz': rem(base), '--button-padding-x': rem(10) }
            : { '--button-fz': rem(base) },
      }),
      styles: { label: { fontWeight: 550 } },
    }),
    Input: Input.extend({
      vars: (_, { size }) => ({
        wrapper: {
          '--input-fz': rem(base),
          '--input-height': rem(size === 'xs' ? 28 : 32),
          '--input-bd': 'var(--field)',
        },
      }),
    }),
    InputWrapper: InputWrapper.extend({
      styles: {
        label: { fontSize: rem(base), marginBottom: rem(4) },
        description: { fontSize: rem(small), marginBottom: rem(4), lineHeight: 1.4 },
        error: { fontSize: rem(small) },
      },
    }),
    Checkbox: { defaultProps: { size: 'xs' }, styles: { label: { fontSize: rem(base) } } },
    Switch: { defaultProps: { size: 'sm' }, styles: { label: { fontSize: rem(base) } } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 28 } },
    TextInput: { defaultProps: { size: 'sm' } },
    Modal: {
      defaultProps: {
        ...quick,
        centered: false,
        yOffset: '14vh',
        radius: 'lg',
        shadow: 'xl',
        padding: 20,
        overlayProps: { backgroundOpacity: 0.35 },
      },
      styles: {
        content: { background: 'var(--raised)', border: '1px solid var(--line)' },
        header: { background: 'var(--raised)', minHeight: rem(52), paddingBottom: 0 },
        title: { fontSize: rem(large), fontWeight: 600 },
      },
    },
    SegmentedControl: {
      defaultProps: { withItemsBorders: false },
      styles: {
        root: { background: 'var(--sunken)', border: '1px solid var(--line)', padding: rem(2) },
        label: { paddingInline: rem(10), fontWeight: 450 },
        indicator: { boxShadow: '0 0 0 1px var(--line)' },
      },
    },
    Menu: { defaultProps: { ...quick, shadow: 'lg', radius: 'md', position: 'bottom-start', offset: 4 } },
    Popover: { defaultProps: { ...quick, shadow: 'lg', radius: 'md' } },
    Combobox: { defaultProps: { ...quick, shadow: 'lg', radius: 'md', offset: 4 } },
    Drawer: { defaultProps: quick },
    Tooltip: { defaultProps: { openDelay: 400, transitionProps: { duration: 80 }, withArrow: false } },
  },
});

/** Gives the tokens' meanings to CSS as `--ground`, `--ink` and so on, and Mantine's own variables their values. */
export const variables: CSSVariablesResolver = () => {
  const scheme = (name: 'light' | 'dark') => {
    const m = meanings[name];
    return {
      ...Object.fromEntries(Object.entries(m).map(([meaning, colour]) => [`--${meaning}`, colour])),
      '--mantine-color-body': m.ground,
      '--mantine-color-text': m.ink,
      '--mantine-color-bright': m.ink,
      '--mantine-color-dimmed': m.dim,
      '--mantine-color-placeholder': m.dim,
      '--mantine-color-anchor': m.accent,
      '--mantine-color-error': m.bad,
      '--mantine-color-default': m.raised,
      '--mantine-color-default-hover': m.hover,
      '--mantine-color-default-color': m.ink,
      '--mantine-color-default-border': name === 'light' ? scales.gray[3] : m.lineStrong,
      '--mantine-primary-color-contrast': m.onFill,
      '--mantine-color-disabled-color': m.dim,
    };
  };
  return {
    variables: {
      '--small': rem(small),
      '--base': rem(base),
      '--large': rem(large),
      '--title': rem(title),
    },
    light: scheme('light'),
    dark: scheme('dark'),
  };
};
