package labeler.lifecycle;

import java.io.IOException;
import java.nio.file.Path;
import labeler.chain.ImageFormat;
import labeler.problem.Problem;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of other users that a user's image may name. */
class HeaderOwnersTest {
    private static final int ONE = 1000;
    private static final int OTHER = 1001;

    @AutoClose
    private final TestHost host;

    HeaderOwnersTest(@TempDir Path temporary) throws IOException {
        host = new TestHost(temporary);
    }

    private void raw(String path, int user, int mode) {
        host.raw(path);
        host.kernel.owner(path, user, user, mode);
    }

    private void overlay(String path, String backing, String format, int user) {
        host.overlay(path, backing, format);
        host.kernel.owner(path, user, user, 0644);
    }

    private TestVm vm(String disk) {
        return host.vm("web1").disk(disk, ImageFormat.QCOW2);
    }

    private void assertRefused(String disk) {
        vm(disk).isRefused(Problem.Kind.NOT_FROM_HEADER);
    }

    @Test
    void through_an_overlay_of_roots_no_more_than_without_it() {
        raw("/vm/private", OTHER, 0600);
        overlay("/vm/roots", "private", "raw", 0);
        overlay("/vm/mine", "roots", "qcow2", ONE);

        assertRefused("/vm/mine");
        // A definition that declares root's overlay means the files that it names.
        vm("/vm/roots").start();
    }

    @Test
    void in_a_directory_of_another_user_what_can_be_reached_there() {
        host.kernel.directory("/vm/theirs");
        host.kernel.owner("/vm/theirs", OTHER, OTHER, 0700);
        raw("/vm/theirs/disk", OTHER, 0644);
        overlay("/vm/mine", "theirs/disk", "raw", ONE);

        assertRefused("/vm/mine");
        host.kernel.owner("/vm/theirs", OTHER, OTHER, 0711);
        vm("/vm/mine").start();
    }

    @Test
    void a_directory_above_the_image_itself_keeps_nothing_from_it() {
        raw("/vm/base", 0, 0644);
        overlay("/vm/mine", "base", "raw", ONE);
        host.kernel.owner("/vm", 0, 0, 0700);

        vm("/vm/mine").start();
    }
}
