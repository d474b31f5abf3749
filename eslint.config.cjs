// What the page's scripts may not do: run text as code, or make markup of it. Types and names are the business of tsc.
const js = require('@eslint/js');

const markup = ['insertAdjacentHTML', 'setHTMLUnsafe', 'parseHTMLUnsafe', 'createContextualFragment'];

module.exports = [
  { ignores: ['benchmarks/playground/**'] },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-loss-of-precision': 'off', // published coefficients keep all their digits
      'no-restricted-properties': ['error', ...markup.map(property => ({ property })), { object: 'document', property: 'write' }],
      'no-restricted-syntax': ['error', { selector: 'AssignmentExpression[left.property.name=/^(inner|outer)HTML$|^srcdoc$/]', message: 'Build elements with h.' }],
      'no-undef': 'off',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_$', destructuredArrayIgnorePattern: '^_$', varsIgnorePattern: '^_$', caughtErrors: 'none' }],
      'no-var': 'error',
      'preserve-caught-error': 'off', // a sentence for the user takes the place of what was thrown
      'prefer-const': 'error',
    },
  },
];
