package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import labeler.chain.testing.Qcow2Builder;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.needs.Need;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that no header may name, no matter who wrote it and when. */
class HeaderNamesIT {
    private static final String VM = "web1";

    private final Path temporary;
    private final Images images;

    @AutoClose("closeAndCheckLog")
    private final ServiceFixture service;

    HeaderNamesIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr");
        images = Images.in(temporary.resolve("images"));
        service = ServiceFixture.started(temporary);
    }

    private Command plan(Path image) throws IOException {
        return service.cli(Images.with(List.of("plan", VM, "--json", "--"), Images.qemuWithOverlay(image)));
    }

    private Path naming(String name, Path dataFile) throws IOException {
        return Files.write(
                images.path(name),
                Qcow2Builder.v3().dataFile(dataFile.toString()).build());
    }

    private void assertNever(String name, Path file, String reason) throws IOException {
        Path image = naming(name, file);
        Command planned = plan(image);
        assertThat(planned.exitCode()).as("%s", planned).isEqualTo(3);
        assertThat(problems(planned)).anySatisfy(problem -> {
            assertThat(problem.text("kind")).contains("NOT_FROM_HEADER");
            assertThat(problem.text("message").orElse("")).contains(image.toString(), reason);
        });
        assertThat(service.cli(List.of("trust", image.toString())).exitCode()).isEqualTo(3);
    }

    private static List<JsonObject> problems(Command planned) {
        return new JsonReader().read(planned.out().getBytes(StandardCharsets.UTF_8))
                        instanceof JsonReader.Value(JsonObject plan)
                ? new Reply(200, plan).elements("problems")
                : List.of();
    }

    @Test
    void no_header_names_a_file_of_the_system_or_of_the_service() throws IOException {
        assertNever("shadow", Path.of("/etc/shadow"), "a file of the system");
        assertNever("bash", Path.of("/usr/bin/bash"), "a file of the system");
        assertNever("journal", service.journal(), "a file of labeler's");
        assertNever("hard", Files.createLink(images.path("hard-link"), service.journal()), "a file of labeler's");
        Path link = images.path("link");
        Files.createSymbolicLink(link, Path.of("/etc/shadow"));
        assertNever("linked", link, "a file of the system");
        assertNever("dots", Path.of(images.directory() + "/../images/../../../etc/shadow"), "a file of the system");
        // A plan without the service knows all forbidden files except the service's own.
        service.close();
        assertThat(plan(images.path("shadow")).exitCode()).isEqualTo(3);
        assertThat(plan(images.path("linked")).exitCode()).isEqualTo(3);
    }

    /** A qemu beside images: all VMs execute it, whoever has written it. */
    @Test
    void no_header_names_a_program_by_any_of_its_names() throws IOException {
        Path program = Files.copy(
                Path.of("/bin/true").toRealPath(), images.path("qemu-own"), StandardCopyOption.COPY_ATTRIBUTES);
        assertNever("program", program, "a program or a library");
        assertNever("linked-program", Files.createLink(images.path("program-link"), program), "a program or a library");
        Path elsewhere = Files.createFile(images.path("program-mount"));
        Command.done("mount", "--bind", program.toString(), elsewhere.toString());
        try {
            assertNever("mounted-program", elsewhere, "a program or a library");
        } finally {
            Command.done("umount", elsewhere.toString());
        }
        Path own = Files.write(images.path("own"), new byte[512]);
        Path link = Files.createLink(images.path("own-link"), own);
        Command planned = service.cli(List.of(
                "plan", VM, "--json", "--", own.toString(), "-drive", "format=qcow2,file=" + naming("of-own", link)));
        assertThat(planned.exitCode()).as("%s", planned).isEqualTo(3);
        assertThat(planned.out()).contains("NOT_FROM_HEADER", "the program of this VM");
    }

    @Test
    void no_header_names_a_mounted_image_or_its_device() throws IOException {
        try (Mounted mounted = Mounted.ext4(images.path("mounted"), 16 << 20)) {
            Path image = mounted.directory().resolveSibling("mounted.img");
            assertNever("loop", image, "a loop device");
            String device = Command.done(
                            "findmnt", "-n", "-o", "SOURCE", mounted.directory().toString())
                    .strip();
            assertNever("device", Path.of(device), "a device");
        }
    }

    @Test
    void no_header_names_a_mounted_image_by_a_link_that_is_left_of_it() throws IOException {
        try (Mounted mounted = Mounted.ext4(images.path("mounted"), 16 << 20)) {
            Path image = mounted.directory().resolveSibling("mounted.img");
            Path link = Files.createLink(images.path("left"), image);
            assertNever("link", link, "a loop device");
            Files.delete(image);
            assertNever("left-alone", link, "a loop device");
        }
    }

    @Test
    void no_header_names_swap_space() throws IOException {
        Machine.requireRootAnd("mkswap", "swapon", "swapoff");
        Path swap = images.path("swap");
        Files.write(swap, new byte[1 << 20]);
        Files.setPosixFilePermissions(swap, PosixFilePermissions.fromString("rw-------"));
        Command.done("mkswap", swap.toString());
        Command on = Command.run(Map.of(), List.of("swapon", swap.toString()));
        Need.require(on.exitCode() == 0, "needs to be allowed to use a file as swap space");
        try {
            assertNever("swapped", swap, "swap space");
            assertNever("linked-swap", Files.createLink(images.path("swap-link"), swap), "swap space");
            // Otherwise it would have to be known without a name.
            assertThatThrownBy(() -> Files.delete(swap)).isInstanceOf(FileSystemException.class);
        } finally {
            Command.done("swapoff", swap.toString());
        }
    }

    @Test
    void a_header_names_files_where_images_are_expected_alone() throws IOException {
        Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere")).resolve("data");
        Files.write(elsewhere, new byte[512]);

        Command planned = plan(naming("outside", elsewhere));

        assertThat(planned.exitCode()).isEqualTo(3);
        assertThat(problems(planned)).anySatisfy(problem -> {
            assertThat(problem.text("kind")).contains("OUTSIDE_ROOTS");
            assertThat(problem.text("message").orElse("")).contains("image.roots");
        });
        service.start(
                        VM,
                        Images.qemu(
                                "-blockdev",
                                "driver=qcow2,node-name=n,file.driver=file,file.filename=" + images.path("outside")
                                        + ",data-file.driver=file,data-file.filename=" + elsewhere))
                .ok();
        service.stop(VM).ok();
    }

    @Test
    void a_data_file_of_another_user_is_not_handed_over_through_the_image() throws IOException {
        Path data = images.raw("data");
        Path image = naming("owned", data);
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rw-------"));
        Command.done("chown", "1000:1000", image.toString());

        Command planned = plan(image);

        assertThat(planned.exitCode()).isEqualTo(3);
        assertThat(problems(planned))
                .anySatisfy(problem ->
                        assertThat(problem.text("message").orElse("")).contains("belongs to user 0"));
        Command.done("chown", "1000:1000", data.toString());
        assertThat(plan(image).exitCode()).isZero();
    }

    @Test
    void a_backing_file_of_another_user_is_not_read_through_the_image() throws IOException {
        Path base = images.raw("base");
        Path top = images.overlay("top", base);
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rw-------"));
        Command.done("chown", "1001:1001", base.toString());
        // Root's overlay of a user's image, as libvirt's tools make one.
        assertThat(plan(top).exitCode()).isZero();
        Command.done("chown", "1000:1000", top.toString());

        Command planned = plan(top);

        assertThat(planned.exitCode()).isEqualTo(3);
        assertThat(problems(planned)).singleElement().satisfies(problem -> {
            assertThat(problem.text("kind")).contains("NOT_FROM_HEADER");
            assertThat(problem.text("message").orElse("")).contains("backing", "belongs to user 1001");
        });
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(plan(top).exitCode()).isZero();
    }
}
