/** Output for people: text, tables, trees and pictures. Nothing here asks the service, or knows a command. */
@NullMarked
package labeler.view;

import org.jspecify.annotations.NullMarked;
