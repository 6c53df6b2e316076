export { bytes, expectFault, row } from '../../contracts/store-data.js';
