package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Misleading names and command lines, and images with damaged headers. */
class HostileFilesIT extends HostileInput {
    private static final int SEED = 20261124;
    private static final int MUTATIONS = 300;

    @Test
    void files_that_would_block_or_never_end_are_refused_at_once() throws IOException {
        Path pipe = images.path("pipe");
        Command.done("mkfifo", pipe.toString());
        Path loop = Files.createSymbolicLink(images.path("loop"), images.path("loop"));
        List<String> paths = List.of(
                pipe.toString(),
                loop.toString(),
                images.directory().toString(),
                service.socket().toString(),
                "/dev/zero",
                "/dev/tty",
                "/proc/self/mem",
                "/proc/self/fd/0",
                "/proc/kmsg",
                "/" + "a/".repeat(3000),
                "",
                "json:" + "{\"file\":".repeat(50_000),
                "json:{\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\",\"filename\":\"" + pipe + "\"}}");
        for (String path : paths) {
            for (String format : List.of("raw", "qcow2", "vmdk")) {
                Reply reply = service.start(
                        "web1",
                        Images.qemu("-drive", "if=none,id=d,format=" + format + ",file=" + path.replace(",", ",,")));
                assertThat(reply.status())
                        .as("%s as %s: %s", start(path), format, reply)
                        .isIn(400, 422);
            }
            // Device nodes that are open to every process are left alone, however qemu uses them.
            Reply kernel = service.start("web1", Images.qemu("-kernel", path));
            assertThat(kernel.status())
                    .as(start(path))
                    .isIn(path.equals("/dev/zero") ? List.of(200) : List.of(400, 422));
            service.stop("web1");
        }
    }

    @Test
    void command_lines_of_any_form_are_answered() throws IOException {
        Random random = new Random(SEED);
        List<String> pieces = List.of(
                "-drive",
                "-blockdev",
                "-device",
                "file=",
                ",,",
                ",",
                "=",
                "{",
                "}",
                "\"",
                "json:",
                "-readconfig",
                "/dev/zero",
                "-object",
                "-chardev",
                "file,id=a",
                "fd=3",
                "-add-fd",
                "driver=qcow2",
                "\u00ff",
                "%",
                "-");
        for (int i = 0; i < MUTATIONS; i++) {
            List<String> argv = new ArrayList<>(List.of("qemu-system-x86_64"));
            for (int j = random.nextInt(6); j >= 0; j--) {
                StringBuilder argument = new StringBuilder();
                for (int k = random.nextInt(5); k >= 0; k--) {
                    argument.append(pieces.get(random.nextInt(pieces.size())));
                }
                argv.add(argument.toString());
            }
            Reply reply = service.post(
                    "/v1/plan", ServiceFixture.body(argv, Optional.empty()).replaceFirst("\\{", "{\"name\":\"web1\","));
            assertThat(reply.status()).as("%s", argv).isIn(200, 400, 422, 500).isNotEqualTo(500);
        }
        List<String> many = new ArrayList<>(List.of("qemu-system-x86_64"));
        for (int i = 0; i < 20_000; i++) {
            many.addAll(List.of("-drive", "if=none,format=raw,file=/nowhere/" + i));
        }
        assertThat(service.start("web1", many).status()).isIn(400, 422);
    }

    @Test
    void images_with_damaged_headers_are_answered_and_leave_nothing_behind() throws IOException {
        Path base = images.raw("base");
        Random random = new Random(SEED);
        int accepted = 0;
        for (String format : List.of("qcow2", "vmdk", "vdi", "vpc", "vhdx")) {
            Path sound = images.path("sound." + format);
            Command.done("qemu-img", "create", "-q", "-f", format, sound.toString(), "8M");
            if (format.equals("qcow2")) {
                images.overlay("overlay", base);
                Files.move(images.path("overlay"), sound, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
            byte[] content = Files.readAllBytes(sound);
            for (int i = 0; i < MUTATIONS / 5; i++) {
                byte[] damaged = content.clone();
                for (int j = random.nextInt(8); j >= 0; j--) {
                    damaged[random.nextInt(Math.min(damaged.length, 1024))] = (byte) random.nextInt();
                }
                Path image = Files.write(images.path("image"), damaged);
                Reply reply = service.start("web1", Images.qemu("-drive", Images.disk(image, format)));
                assertThat(reply.status()).as("%s %d: %s", format, i, reply).isIn(200, 422);
                if (reply.status() == 200) {
                    accepted++;
                    service.stop("web1").ok();
                }
            }
        }
        System.out.println("damaged headers: " + accepted + " of " + MUTATIONS + " harmless enough to start");
        assertThat(accepted).isLessThan(MUTATIONS);
    }

    @Test
    void the_command_line_says_one_line_and_never_what_a_terminal_would_act_on() throws IOException {
        Path evil = images.path("evil\u001b]0;pwned\u0007\u001b[2J\nname");
        Files.write(evil, new byte[512]);
        List<List<String>> commands = List.of(
                List.of("chain", evil.toString(), "--format", "qcow2"),
                List.of("chain", evil + "-not-there"),
                Images.with(List.of("start", "web1", "--"), Images.qemu("-kernel", evil + "-not-there")),
                List.of("start", "a/b", "--", "qemu"),
                List.of("start", "a\u001b[2J", "--", "qemu"),
                List.of("start", "web1", "--level", "s0:c1\u001b[2J", "--", "qemu"),
                List.of("start", "web1", "--domain-xml", evil.toString()),
                List.of("start", "web1", "--domain-xml", images.directory().toString()),
                List.of("stop", ""),
                List.of("\u001b[2J"));
        for (List<String> command : commands) {
            Command ended = service.cli(command);
            assertThat(ended.exitCode()).as("%s: %s", command, ended).isIn(1, 2, 3);
            assertThat(ended.out() + ended.err())
                    .as("%s", command)
                    .doesNotContain("\u001b")
                    .doesNotContain("\u0007")
                    .doesNotContain("\tat ")
                    .doesNotContain("Exception");
            assertThat(ended.err().lines().count())
                    .as("%s: %s", command, ended.err())
                    .isLessThanOrEqualTo(2);
        }
        Files.delete(evil);
    }
}
