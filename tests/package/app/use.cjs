const { createServer } = require('node:http');
const { CoscribeProvider } = require('coscribe/client');
const { createCoscribe } = require('coscribe/server');
const { DEFAULT_TEXT } = require('coscribe/shared');
const Y = require('yjs');
const { writeAndReadBack } = require('./write-and-read-back.cjs');

void writeAndReadBack({ createServer, CoscribeProvider, createCoscribe, DEFAULT_TEXT, Y });
