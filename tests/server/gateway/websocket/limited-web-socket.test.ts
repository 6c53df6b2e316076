import { expect, test } from '@jest/globals';
import { completeConfig } from '../../../../server/config/complete-config.js';
import { largestMessage } from '../../../../server/gateway/websocket/limited-web-socket.js';
import { readProjectFile } from '../../../support/project-files.js';

const KIB = 1024;

test('[WSD4] the largest message is a document and its frame, as the documents say', () => {
  const { maxDocumentBytes, maxUpdateBytes } = completeConfig({});
  expect(largestMessage({ maxDocumentBytes, maxUpdateBytes })).toBe(maxDocumentBytes + 16 * KIB);
  expect(largestMessage({ maxDocumentBytes: 1, maxUpdateBytes: 100 * KIB })).toBe(116 * KIB);
  const size = `${maxDocumentBytes / KIB / KIB} MiB`;
  for (const guide of ['hocuspocus', 'y-websocket'])
    expect(readProjectFile(`docs/guides/${guide}.md`)).toContain(`as large as a document (${size}`);
  expect(readProjectFile('docs/PROTOCOL.md')).toContain(
    `at most 16 KiB larger than [a document](OPERATIONS.md#options) may be (${size})`,
  );
});
