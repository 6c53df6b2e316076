import { applyChosenTheme } from './theme.js';

applyChosenTheme();
