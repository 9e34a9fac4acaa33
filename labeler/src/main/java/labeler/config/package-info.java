/**
 * The settings of the service: one record for each feature, read before anything is built.
 * Nothing here acts on a setting.
 */
@NullMarked
package labeler.config;

import org.jspecify.annotations.NullMarked;
