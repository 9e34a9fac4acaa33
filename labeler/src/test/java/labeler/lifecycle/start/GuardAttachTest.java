package labeler.lifecycle.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import labeler.lifecycle.StartRequest;
import labeler.linux.HostPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The places at which a user may have the service make a socket. */
class GuardAttachTest {
    private static final Path DIRECTORY = Path.of("/run/labeler/vms/web1");

    private static boolean mayHave(String place, int uid) {
        return GuardAttach.notYours(HostPath.of(place), DIRECTORY, new StartRequest.Owner(uid, uid))
                .isEmpty();
    }

    @Test
    void a_user_has_places_in_the_directory_of_the_vm() {
        assertThat(mayHave("/run/labeler/vms/web1/qmp", 1000)).isTrue();
    }

    /** The directory is the user's: any name in it may be a link. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/run/labeler/vms/web1/link/../socket",
                "/run/labeler/vms/web1/link/socket",
                "/run/labeler/vms/web1/..",
                "/run/labeler/vms/web1/.",
                "/run/labeler/vms/web1/",
                "/run/labeler/vms/web2/../web1/socket",
                "/run/labeler/vms/socket",
                "/srv/socket"
            })
    void a_user_has_no_other_place(String place) {
        assertThat(mayHave(place, 1000)).isFalse();
    }

    @Test
    void root_has_any_place() {
        assertThat(mayHave("/srv/vm/../socket", 0)).isTrue();
    }
}
