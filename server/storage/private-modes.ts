/** Of files and folders with what people wrote: for whoever runs the program alone. */
export const PRIVATE_FILE = 0o600;
export const PRIVATE_FOLDER = 0o700;
