/** Belfry's bell, drawn for small sizes. */
export const Mark = ({ size = 20 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path
      fill="var(--bronzeMark)"
      d="M12 2.25c.7 0 1.25.55 1.25 1.25v.62c2.9.55 4.9 2.95 5.05 6.08.13 2.83.62 4.5 2.2 6.06.72.7.25 1.74-.74 1.74H4.24c-1 0-1.46-1.04-.75-1.74 1.58-1.56 2.08-3.23 2.21-6.06.15-3.13 2.15-5.53 5.05-6.08V3.5c0-.7.56-1.25 1.25-1.25Z"
    />
    <path fill="var(--accentMark)" d="M8.9 19.5h6.2a3.15 3.15 0 0 1-6.2 0Z" />
  </svg>
);
