/** Importing what the library saves its users. */
import "node:net";
