package labeler.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import labeler.chain.Role;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetRulesTest {
    private static final int VM_USER = 64055;
    private static final OptionalInt USER = OptionalInt.of(VM_USER);
    private static final AllowedRoots BESIDE_IMAGES = AllowedRoots.around(List.of(HostPath.of("/vm")), USER);

    private static FileStatus status(FileType type, int mode, int uid, int gid) {
        return new FileStatus(new FileIdentity(1, 2, Optional.empty()), type, mode, uid, gid, 512, 0, 1);
    }

    private static Optional<Problem.Kind> judged(
            FileStatus image, Role role, String path, String realPath, FileStatus file, AllowedRoots grounds) {
        HeaderTarget target = new HeaderTarget(
                HostPath.of("/vm/top"),
                image,
                role,
                role != Role.BACKING,
                HostPath.of(path),
                HostPath.of(realPath),
                file,
                List.of(),
                false,
                Optional.empty());
        return TargetRules.judge(target, grounds).map(Problem::kind);
    }

    private static Optional<Problem.Kind> ofRoot(String path, String realPath, AllowedRoots grounds) {
        FileStatus root = status(FileType.REGULAR, 0600, 0, 0);
        return judged(root, Role.DATA_FILE, path, realPath, root, grounds);
    }

    private static Optional<Problem.Kind> ofRoot(String path, AllowedRoots grounds) {
        return ofRoot(path, path, grounds);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/vm/base", "/vm/below/base", "/var/lib/libvirt/images/base"})
    void a_file_beside_an_image_of_the_definition_or_among_the_distributions_is_followed(String path) {
        assertThat(ofRoot(path, BESIDE_IMAGES)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/vm2/base", "/home/x/base", "/var/lib/other/base", "/srv/base"})
    void a_file_elsewhere_is_outside(String path) {
        assertThat(ofRoot(path, BESIDE_IMAGES)).contains(Problem.Kind.OUTSIDE_ROOTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/shadow", "/usr/bin/bash", "/dev/shm/x", "/boot/vmlinuz", "/proc/1/environ"})
    void a_file_of_the_system_is_never_followed_by_either_of_its_names(String path) {
        AllowedRoots everywhere = new AllowedRoots(List.of(HostPath.of("/")), true, USER);
        assertThat(ofRoot(path, everywhere)).contains(Problem.Kind.NOT_FROM_HEADER);
        assertThat(ofRoot("/vm/link", path, everywhere)).contains(Problem.Kind.NOT_FROM_HEADER);
        assertThat(ofRoot(path, "/vm/file", everywhere)).contains(Problem.Kind.NOT_FROM_HEADER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/etc", "/usr/share/qemu", "/home", "/root", "/tmp", "/dev/vg"})
    void a_directory_of_the_system_is_no_root_for_an_image_that_lies_there(String directory) {
        AllowedRoots grounds = AllowedRoots.around(List.of(HostPath.of(directory)), USER);
        assertThat(grounds.roots()).isEqualTo(AllowedRoots.DISTRIBUTION);
        assertThat(ofRoot(directory + "/secret", grounds)).isPresent();
    }

    @Test
    void a_root_that_is_set_inside_of_a_directory_of_the_system_counts() {
        AllowedRoots grounds = new AllowedRoots(List.of(HostPath.of("/usr/local/images/")), true, USER);
        assertThat(ofRoot("/usr/local/images/base", grounds)).isEmpty();
        assertThat(ofRoot("/usr/local/other", grounds)).contains(Problem.Kind.NOT_FROM_HEADER);
        assertThat(ofRoot("/vm/base", grounds)).contains(Problem.Kind.OUTSIDE_ROOTS);
    }

    @Test
    void what_is_no_regular_file_is_never_followed() {
        FileStatus root = status(FileType.REGULAR, 0600, 0, 0);
        assertThat(judged(
                        root,
                        Role.BACKING,
                        "/vm/device",
                        "/vm/device",
                        status(FileType.BLOCK_DEVICE, 0600, 0, 0),
                        BESIDE_IMAGES))
                .contains(Problem.Kind.NOT_FROM_HEADER);
    }

    @ParameterizedTest
    @CsvSource({
        "1000, 1000, 0600, DATA_FILE, true",
        "0, 0, 0600, DATA_FILE, false",
        "0, 0, 0644, DATA_FILE, false",
        "0, 0, 0666, DATA_FILE, true",
        "0, 100, 0660, EXTENT, true",
        "0, 100, 0640, EXTENT, false",
        "0, 100, 0606, EXTENT, false",
        "0, 0, 0600, BACKING, false",
        "0, 0, 0644, BACKING, true",
        "1001, 1001, 0600, BACKING, false",
        "1001, 1001, 0644, BACKING, true",
        "1001, 100, 0640, BACKING, true",
        "1001, 1001, 0640, PARENT, false",
        "1000, 1000, 0600, BACKING, true",
        "64055, 64055, 0600, BACKING, true",
        "64055, 64055, 0600, DATA_FILE, false"
    })
    void what_a_header_names_is_one_that_the_images_owner_could_open(
            int uid, int gid, String mode, Role role, boolean followed) {
        FileStatus image = status(FileType.REGULAR, 0600, 1000, 100);
        FileStatus file = status(FileType.REGULAR, Integer.parseInt(mode, 8), uid, gid);
        assertThat(judged(image, role, "/vm/part", "/vm/part", file, BESIDE_IMAGES)
                        .isEmpty())
                .isEqualTo(followed);
        assertThat(ofRoot("/vm/part", BESIDE_IMAGES)).isEmpty();
    }

    /** libvirt changes a chain's owner to its user for VMs, and restores only the top. */
    @Test
    void an_image_that_libvirt_has_left_with_the_vms_user_keeps_its_backing_file() {
        FileStatus image = status(FileType.REGULAR, 0600, VM_USER, VM_USER);
        FileStatus base = status(FileType.REGULAR, 0600, 0, 0);
        assertThat(judged(image, Role.BACKING, "/vm/base", "/vm/base", base, BESIDE_IMAGES))
                .isEmpty();
        assertThat(judged(image, Role.DATA_FILE, "/vm/base", "/vm/base", base, BESIDE_IMAGES))
                .contains(Problem.Kind.NOT_FROM_HEADER);
        for (OptionalInt user : List.of(OptionalInt.empty(), OptionalInt.of(0), OptionalInt.of(107))) {
            AllowedRoots others = AllowedRoots.around(List.of(HostPath.of("/vm")), user);
            assertThat(judged(image, Role.BACKING, "/vm/base", "/vm/base", base, others))
                    .contains(Problem.Kind.NOT_FROM_HEADER);
        }
    }

    @Test
    void a_file_of_the_service_is_never_followed() {
        FileStatus root = status(FileType.REGULAR, 0600, 0, 0);
        HeaderTarget target = new HeaderTarget(
                HostPath.of("/vm/top"),
                root,
                Role.BACKING,
                false,
                HostPath.of("/vm/link"),
                HostPath.of("/vm/link"),
                root,
                List.of(),
                true,
                Optional.empty());
        assertThat(TargetRules.judge(target, BESIDE_IMAGES).map(Problem::kind)).contains(Problem.Kind.NOT_FROM_HEADER);
    }
}
