/** Constants of the public interface, in a file without zod so that the client script stays small. */

/** The query parameter of `navigate` that carries the delivery's token. */
export const tokenParameter = 'belfry';
