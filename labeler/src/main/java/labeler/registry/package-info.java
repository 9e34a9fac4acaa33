/**
 * Which host has which category pair and which shared file: the questions and the answers. The service asks it in
 * {@code labeler.cluster}; a host that shares nothing asks nobody. The state of one file decides in
 * {@code registry.etcd.FileDecision}. Nothing here knows a network, a journal or how a label is set.
 */
@NullMarked
package labeler.registry;

import org.jspecify.annotations.NullMarked;
