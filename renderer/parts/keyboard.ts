/** Whether the keyboard is busy with something: a field, a dialog, a menu. */
export function keyboardIsTaken(target: EventTarget | null): boolean {
  // fields with suggestions keep their lists in the page while nobody sees them
  const open = [...document.querySelectorAll('[role=dialog], [role=menu], [role=listbox]')];
  if (open.some((one) => one.checkVisibility({ visibilityProperty: true }))) return true;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches('input:not([type=radio]):not([type=checkbox]), textarea, select'))
  );
}
