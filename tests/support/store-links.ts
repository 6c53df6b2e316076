export { link } from '../../contracts/store-links.js';
