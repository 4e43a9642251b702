/** What a school changes before it uploads its own mini-program. */

/** The server's address without a slash at its end; "" asks where the pages came from. */
export const SERVER = "https://campus.example.edu.cn";
