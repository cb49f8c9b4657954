/**
 * Writes src/core/currencies.ts from the maintained ISO 4217 list of the `currency-codes` package.
 * Run `npm run currencies` after updating that package; a test says when the file is stale.
 */
import { writeFileSync } from 'node:fs';
import { renderCurrencies } from './render-currencies.ts';

writeFileSync(new URL('../src/core/currencies.ts', import.meta.url), renderCurrencies());
