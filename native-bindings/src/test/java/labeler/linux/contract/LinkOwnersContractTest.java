package labeler.linux.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import labeler.linux.Errno;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.FileUser;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRefusal.Reason;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Symbolic links are followed or not by their owner, on any kernel: root can read files that the link's owner may not.
 */
@Timeout(20)
public abstract class LinkOwnersContractTest {
    private static final FileUser ROOT = new FileUser(0, 0);
    private static final FileUser MALLORY = new FileUser(1001, 1001);
    private static final FileUser OTHER = new FileUser(1002, 1002);

    protected abstract Stage createStage() throws Exception;

    private Stage stage;
    private SafeOpen open;

    @SuppressWarnings("NullAway.Init") // set before each test
    protected LinkOwnersContractTest() {}

    @BeforeEach
    void setStage() throws Exception {
        stage = createStage();
        stage.needsPrivileges();
        open = stage.linux().open();
        stage.directory(stage.path("secrets"));
        stage.file(stage.path("secrets/secret"), new byte[] {1});
        stage.directory(stage.path("home"));
        stage.give(stage.path("home"), MALLORY);
    }

    @AfterEach
    void clearStage() throws Exception {
        stage.clear();
    }

    private HostPath link(String name, HostPath target, FileUser owner) throws Exception {
        HostPath link = stage.path(name);
        stage.symbolicLink(link, target);
        stage.giveLink(link, owner);
        return link;
    }

    private HostPath secret() throws Exception {
        return stage.path("secrets/secret");
    }

    private void assertOpened(HostPath path) throws Exception {
        OpenOutcome outcome = open.open(path, OpenRequest.IMAGE);
        assertThat(outcome).isInstanceOf(OpenedFile.class);
        ((OpenedFile) outcome).close();
    }

    private void assertRefused(HostPath path, FileUser link, FileUser target) {
        OpenOutcome outcome = open.open(path, OpenRequest.IMAGE);
        if (outcome instanceof OpenedFile file) {
            file.close();
        }
        assertThat(outcome).isInstanceOfSatisfying(OpenRefusal.class, refusal -> {
            assertThat(refusal.reason()).isEqualTo(Reason.LINK);
            assertThat(refusal.detail())
                    .contains("of user " + link.uid() + " to what belongs to user " + target.uid() + ";");
        });
    }

    @Test
    void a_link_of_another_user_to_a_file_of_roots_is_refused() throws Exception {
        assertRefused(link("home/disk", secret(), MALLORY), MALLORY, ROOT);
        assertRefused(link("home/relative", HostPath.of("../secrets/secret"), MALLORY), MALLORY, ROOT);
    }

    @Test
    void a_link_of_another_user_to_a_third_ones_file_is_refused() throws Exception {
        HostPath file = stage.path("secrets/others");
        stage.file(file, new byte[] {1});
        stage.give(file, OTHER);
        assertRefused(link("home/disk", file, MALLORY), MALLORY, OTHER);
    }

    @Test
    void a_link_of_another_user_to_a_directory_on_the_way_is_refused() throws Exception {
        link("home/images", stage.path("secrets"), MALLORY);
        assertRefused(stage.path("home/images/secret"), MALLORY, ROOT);
        assertRefused(stage.path("home/images/absent"), MALLORY, ROOT);
        assertThatThrownBy(() -> open.create(stage.path("home/images/new"), 0600, 0, 0))
                .isInstanceOf(LinuxException.class);
        assertThat(open.look(stage.path("secrets/new"))).isEmpty();
    }

    @Test
    void a_link_of_another_user_is_refused_behind_one_of_roots_and_before_one_of_roots() throws Exception {
        link("home/last", secret(), MALLORY);
        assertRefused(link("first", HostPath.of("home/last"), ROOT), MALLORY, ROOT);
        link("second", HostPath.of("secrets/secret"), ROOT);
        assertRefused(link("home/first", HostPath.of("../second"), MALLORY), MALLORY, ROOT);
    }

    @Test
    void a_link_of_roots_is_followed_wherever_it_is() throws Exception {
        assertOpened(link("disk", secret(), ROOT));
        assertOpened(link("home/roots", secret(), ROOT));
        link("images", stage.path("secrets"), ROOT);
        assertOpened(stage.path("images/secret"));
    }

    @Test
    void a_link_to_a_file_of_the_same_user_is_followed() throws Exception {
        stage.directory(stage.path("home/large"));
        stage.give(stage.path("home/large"), MALLORY);
        HostPath own = stage.path("home/large/disk");
        stage.file(own, new byte[] {1});
        stage.give(own, MALLORY);
        assertOpened(link("home/disk", own, MALLORY));
        link("home/images", HostPath.of("large"), MALLORY);
        assertOpened(stage.path("home/images/disk"));
    }

    @Test
    void a_link_that_its_owner_cannot_have_put_there_is_followed_unless_others_may_write_there() throws Exception {
        stage.directory(stage.path("pool"));
        HostPath link = link("pool/disk", secret(), MALLORY);
        assertOpened(link);
        stage.open(stage.path("pool"));
        assertRefused(link, MALLORY, ROOT);
    }

    @Test
    void a_name_is_looked_at_without_following_its_last_link() throws Exception {
        HostPath link = link("disk", secret(), ROOT);
        stage.socket(stage.path("socket"));
        link("home/images", stage.path("secrets"), MALLORY);
        FileStatus secret = open.lookAtName(secret()).orElseThrow();
        FileIdentity identity = open.look(link).orElseThrow().identity();

        assertThat(secret.identity()).isEqualTo(identity);
        assertThat(open.lookAtName(link)).map(FileStatus::type).contains(FileType.SYMBOLIC_LINK);
        assertThat(open.lookAtName(stage.path("socket"))).map(FileStatus::type).contains(FileType.SOCKET);
        assertThat(open.lookAtName(stage.path("absent"))).isEmpty();
        assertThat(open.lookAtName(stage.path("absent/below"))).isEmpty();
        assertThatThrownBy(() -> open.lookAtName(stage.path("home/images/secret")))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ELOOP));
    }
}
