/** Does `work` while no other tab of this origin does work of this name, where the browser can see to that. */
export async function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  let began = false;
  const run = () => {
    began = true;
    return work();
  };
  if (!navigator.locks) return run();
  try {
    return await navigator.locks.request(name, run);
  } catch (error) {
    // where storage is blocked, so are locks
    if (began) throw error;
    return run();
  }
}
