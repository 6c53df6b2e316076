import { createServer } from 'node:http';
import { CoscribeProvider } from 'coscribe/client';
import { createCoscribe } from 'coscribe/server';
import { DEFAULT_TEXT } from 'coscribe/shared';
import * as Y from 'yjs';
import { writeAndReadBack } from './write-and-read-back.cjs';

await writeAndReadBack({ createServer, CoscribeProvider, createCoscribe, DEFAULT_TEXT, Y });
