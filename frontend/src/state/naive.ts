import type { GlobalThemeOverrides } from 'naive-ui'
import { size, theme, type Theme } from './look'
import { computed } from 'vue'

// Naive UI computes with its colours, so they must be literal. One palette a
// theme; sizes are the token sizes at base 14, scaled to the base in use.
interface Palette {
  accent: string; accentHover: string; accentPress: string; ok: string; warn: string; info: string; bad: string
  surface: string; sunken: string; hover: string; selected: string; ink: string; ink2: string; ink3: string; disabled: string
  line: string; lineStrong: string; field: string; shadow: string
}
const PALETTES: Record<Theme, Palette> = {
  light: {
    accent: '#CC3A1E', accentHover: '#B8331A', accentPress: '#9F2A14', ok: '#26734A', warn: '#855600', info: '#2A5A87', bad: '#96193A',
    surface: '#FFFEFC', sunken: '#F9F7F3', hover: '#F4F0E9', selected: '#F1ECE3', ink: '#211C16', ink2: '#574F45', ink3: '#6E665B', disabled: '#A59D91',
    line: '#E5E0D7', lineStrong: '#CDC5B8', field: '#918979', shadow: 'rgba(54,42,24,.14)',
  },
  dark: {
    accent: '#CF4026', accentHover: '#C23A21', accentPress: '#AD311B', ok: '#7CC79B', warn: '#E5B85C', info: '#8FBBE6', bad: '#F08CA4',
    surface: '#1F1C18', sunken: '#1A1815', hover: '#2A2621', selected: '#322D26', ink: '#F1ECE4', ink2: '#C2B9AC', ink3: '#9F9688', disabled: '#6B6358',
    line: '#35302A', lineStrong: '#4C453C', field: '#7C7366', shadow: 'rgba(0,0,0,.5)',
  },
  contrast: {
    accent: '#8F1C05', accentHover: '#6F1503', accentPress: '#4F0E00', ok: '#0B4A28', warn: '#593900', info: '#103A63', bad: '#73082A',
    surface: '#FFFFFF', sunken: '#FFFFFF', hover: '#EDEDED', selected: '#E2E2E2', ink: '#000000', ink2: '#000000', ink3: '#2B2B2B', disabled: '#595959',
    line: '#5C5C5C', lineStrong: '#000000', field: '#000000', shadow: 'rgba(0,0,0,1)',
  },
}

export const naiveTheme = computed<GlobalThemeOverrides>(() => {
  const c = PALETTES[theme.value]
  const px = (n: number) => `${Math.round((n * size.value) / 14)}px`
  return {
    common: {
      primaryColor: c.accent, primaryColorHover: c.accentHover, primaryColorPressed: c.accentPress, primaryColorSuppl: c.accent,
      successColor: c.ok, warningColor: c.warn, infoColor: c.info, errorColor: c.bad,
      bodyColor: c.surface, cardColor: c.surface, modalColor: c.surface, popoverColor: c.surface, tableColor: c.surface, inputColor: c.surface,
      tableHeaderColor: c.sunken, actionColor: c.sunken, hoverColor: c.hover, railColor: c.selected,
      textColorBase: c.ink, textColor1: c.ink, textColor2: c.ink, textColor3: c.ink3, placeholderColor: c.ink3, textColorDisabled: c.disabled,
      dividerColor: c.line, borderColor: c.lineStrong, borderRadius: px(4), borderRadiusSmall: px(4), fontWeightStrong: '600', lineHeight: '1.5',
      fontFamily: 'inherit', fontSize: px(14), fontSizeMini: px(12), fontSizeTiny: px(12), fontSizeSmall: px(13), fontSizeMedium: px(14),
      fontSizeLarge: px(16), fontSizeHuge: px(20),
      heightTiny: px(24), heightSmall: px(28), heightMedium: px(34), heightLarge: px(44), heightHuge: px(56),
      boxShadow1: `0 1px 2px ${c.shadow}`, boxShadow2: `0 4px 16px ${c.shadow}`, boxShadow3: `0 16px 48px ${c.shadow}`,
    },
    Popover: { padding: '0', arrowOffset: '10px' },
    Switch: { railColorActive: c.ok },
  }
})
