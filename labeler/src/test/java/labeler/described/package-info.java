/** The description of the interface, read as a client reads it, and answers held against it. */
@org.jspecify.annotations.NullMarked
package labeler.described;
