/** Importing this library. */
import "../../../mod.ts";
