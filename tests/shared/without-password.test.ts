import { expect, test } from '@jest/globals';
import { withoutPassword } from '../../shared/without-password.js';

test('[CLI9] passwords of addresses are left out', () => {
  expect(withoutPassword('postgres://ann:s3c@r/et@db:5432/x')).toBe('postgres://ann:…@db:5432/x');
  expect(withoutPassword('redis://:secret@cache')).toBe('redis://:…@cache');
  expect(withoutPassword('http://localhost:8080/d/a')).toBe('http://localhost:8080/d/a');
  expect(withoutPassword('sqlite:a.db')).toBe('sqlite:a.db');
});
