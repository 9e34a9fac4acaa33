/**
 * Which host has which category pair and which shared file: the questions, the answers, and the answer of a host that
 * shares nothing. Nothing here knows a network, a journal or how a label is set.
 */
@NullMarked
package labeler.registry;

import org.jspecify.annotations.NullMarked;
