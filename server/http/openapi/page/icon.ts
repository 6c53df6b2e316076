/** The icon of our pages; an application that has only the API in it has no other files of ours. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><title>Coscribe</title><rect width="32" height="32" rx="8" fill="#3d4fb8"/><path d="M9 8.5h6M9 23.5h6M12 8.5v15" stroke="#fff" stroke-width="2.6" stroke-linecap="round" fill="none"/><path d="M18 12.5h5M18 23.5h5M20.5 12.5v11" stroke="#ffb59e" stroke-width="2.6" stroke-linecap="round" fill="none"/></svg>
`;
