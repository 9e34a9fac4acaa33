/**
 * Which host has which category pair and which shared file: the questions, the answers, and the answer of a host that
 * shares nothing. The service asks it in {@code labeler.cluster}. The state of one file decides in
 * {@code registry.etcd.FileDecision}. Nothing here knows a network, a journal or how a label is set.
 */
@NullMarked
package labeler.registry;

import org.jspecify.annotations.NullMarked;
