import js from '@eslint/js'
import vue from 'eslint-plugin-vue'
import globals from 'globals'
import ts from 'typescript-eslint'

export default ts.config(
  { ignores: ['dist/**', 'node_modules/**', 'wailsjs/**'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['src/**/*.{ts,vue}'],
    languageOptions: { globals: globals.browser, parserOptions: { parser: ts.parser } },
  },
  { files: ['e2e/**', 'shots/**', '*.js', '*.ts'], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
  {
    rules: {
      'no-undef': 'off', // TypeScript knows
      'vue/multi-word-component-names': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/attributes-order': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/require-default-prop': 'off',
      'vue/no-v-html': 'off', // only QR pictures drawn by our own program
      'max-lines': ['error', { max: 320, skipBlankLines: false }],
    },
  },
  { files: ['src/i18n/**', 'src/bridge/mock/**', 'src/bridge/api.ts'], rules: { 'max-lines': 'off' } },
)
