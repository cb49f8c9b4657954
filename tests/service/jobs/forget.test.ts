import { afterEach, beforeEach, expect, it } from 'vitest';
import { OPERATIONS } from '../../../src/core/contract/operations.ts';
import { verifyRecords } from '../../../src/service/audit-log/verify.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
