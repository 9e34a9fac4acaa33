/** Tests of the files of VMs that run, on real files with real attributes and a real journal. */
@NullMarked
package labeler.lifecycle.follow;

import org.jspecify.annotations.NullMarked;
