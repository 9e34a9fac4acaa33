package labeler.linux.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import labeler.linux.Access;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileUser;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Acting as another user on files, on any kernel. */
public abstract class FileUsersContractTest {
    private static final FileUser SOMEBODY = new FileUser(4711, 4712);

    protected abstract Stage createStage() throws Exception;

    private Stage stage;

    @SuppressWarnings("NullAway.Init") // set before each test
    protected FileUsersContractTest() {}

    @BeforeEach
    void setStage() throws Exception {
        stage = createStage();
        stage.needsPrivileges();
    }

    @AfterEach
    void clearStage() throws Exception {
        stage.clear();
    }

    private HostPath owned(String name, int uid, int gid, int mode) throws Exception {
        HostPath path = stage.path(name);
        stage.linux().open().create(path, mode, uid, gid).close();
        return path;
    }

    private boolean opens(HostPath path) {
        OpenOutcome outcome = stage.linux().open().open(path, OpenRequest.IMAGE);
        return switch (outcome) {
            case OpenedFile file -> {
                file.close();
                yield true;
            }
            case OpenRefusal refusal -> {
                assertThat(refusal.reason()).isEqualTo(OpenRefusal.Reason.UNREADABLE);
                yield false;
            }
        };
    }

    @Test
    void another_user_opens_what_is_theirs_and_nothing_of_roots() throws Exception {
        HostPath roots = owned("roots", 0, 0, 0600);
        HostPath theirs = owned("theirs", SOMEBODY.uid(), 0, 0600);
        HostPath groups = owned("groups", 0, SOMEBODY.gid(), 0640);

        assertThat(stage.linux().users().as(SOMEBODY, () -> opens(roots))).isFalse();
        assertThat(stage.linux().users().as(SOMEBODY, () -> opens(theirs))).isTrue();
        assertThat(stage.linux().users().as(SOMEBODY, () -> opens(groups))).isTrue();
        assertThat(opens(roots)).isTrue();
    }

    @Test
    void what_is_open_is_opened_again_only_with_the_users_own_rights() throws Exception {
        HostPath groups = owned("groups", 0, SOMEBODY.gid(), 0640);
        try (OpenedFile file = (OpenedFile) stage.linux().open().open(groups, OpenRequest.IMAGE)) {
            assertThat(stage.linux()
                            .users()
                            .as(
                                    SOMEBODY,
                                    () -> errno(() -> stage.linux()
                                            .open()
                                            .reopen(file, Access.READ_WRITE, false)
                                            .close())))
                    .isEqualTo("EACCES");
            assertThat(errno(() -> stage.linux()
                            .open()
                            .reopen(file, Access.READ_WRITE, false)
                            .close()))
                    .isEqualTo("none");
        }
    }

    @Test
    void a_file_is_made_for_oneself_alone_and_removed_where_one_may() throws Exception {
        HostPath roots = stage.path("roots");
        HostPath theirs = stage.path("theirs");
        stage.directory(roots);
        stage.directory(theirs);
        stage.give(theirs, SOMEBODY);
        HostPath file = theirs.child("file");
        SafeOpen open = stage.linux().open();

        assertThat(stage.linux().users().as(SOMEBODY, () -> errno(() -> made(roots.child("file"), SOMEBODY))))
                .isEqualTo("EACCES");
        assertThat(stage.linux().users().as(SOMEBODY, () -> errno(() -> made(file, new FileUser(0, 0)))))
                .isEqualTo("EPERM");
        assertThat(open.look(file)).isEmpty();
        FileIdentity identity = stage.linux().users().as(SOMEBODY, () -> made(file, SOMEBODY));

        FileStatus status = open.look(file).orElseThrow();
        assertThat(new FileUser(status.uid(), status.gid())).isEqualTo(SOMEBODY);
        assertThat(status.mode()).isEqualTo(0600);
        assertThat(stage.linux().users().as(SOMEBODY, () -> open.unlinkIfSame(file, identity)))
                .isTrue();
    }

    private FileIdentity made(HostPath path, FileUser owner) throws LinuxException {
        try (OpenedFile file = stage.linux().open().create(path, 0600, owner.uid(), owner.gid())) {
            return file.identity();
        }
    }

    private interface Call {
        void run() throws LinuxException;
    }

    private static String errno(Call call) {
        try {
            call.run();
            return "none";
        } catch (LinuxException e) {
            return e.errno().name();
        }
    }

    @Test
    void other_threads_stay_who_they_are() throws Exception {
        HostPath roots = owned("roots", 0, 0, 0600);

        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            // A thread that is made while its maker acts as another user would also act as that user.
            other.submit(() -> {}).get();
            boolean opened = stage.linux().users().as(SOMEBODY, () -> result(other.submit(() -> opens(roots))));
            assertThat(opened).isTrue();
        }
    }

    private static boolean result(Future<Boolean> future) {
        try {
            return future.get();
        } catch (ExecutionException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoever_fails_as_somebody_else_is_root_again() throws Exception {
        HostPath roots = owned("roots", 0, 0, 0600);

        assertThat(errno(() -> stage.linux().users().as(SOMEBODY, () -> {
                    throw new LinuxException("open", "roots", 13);
                })))
                .isEqualTo("EACCES");
        assertThat(opens(roots)).isTrue();
    }
}
