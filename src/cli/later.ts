/** A command whose code is loaded when it is called. */
export const later =
  <A extends readonly unknown[]>(load: () => Promise<(...args: A) => number | Promise<number>>) =>
  async (...args: A): Promise<number> => {
    const run = await load();
    return run(...args);
  };
