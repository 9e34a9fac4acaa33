package labeler.it;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import labeler.it.ImagePool.Image;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;

/** A random command line with one to three disks, including flash, in every notation, and with outputs. */
final class RandomCommandLine {
    private final Random random;
    private final Path process;
    private final Predicate<Path> isDirectPossible;
    private final List<String> options = new ArrayList<>();
    private final List<String> disks = new ArrayList<>();
    private final boolean pc;
    private boolean bare;
    private boolean flash;

    private RandomCommandLine(Random random, Path process, Predicate<Path> isDirectPossible) {
        this.random = random;
        this.process = process;
        this.isDirectPossible = isDirectPossible;
        this.pc = random.nextInt(3) == 0;
    }

    /**
     * A command line with some of these images.
     *
     * @param outputs existing files to be written
     * @param isDirectPossible whether a file can be opened with O_DIRECT
     */
    static RandomCommandLine of(
            Random random, Path process, List<Image> tops, List<Path> outputs, Predicate<Path> isDirectPossible) {
        RandomCommandLine line = new RandomCommandLine(random, process, isDirectPossible);
        line.options.addAll(line.pc ? List.of("-M", "pc", "-m", "8") : List.of("-M", "none"));
        if (random.nextInt(10) == 0) {
            line.options.add("-snapshot");
        }
        int count = 1 + random.nextInt(3);
        List<Image> chosen = new ArrayList<>(tops);
        Collections.shuffle(chosen, random);
        if (line.pc && line.chance(2)) {
            // Only such an image can be in a short form, or be flash.
            chosen.stream()
                    .filter(image -> image.driver().equals("raw"))
                    .findFirst()
                    .ifPresent(raw -> {
                        chosen.remove(raw);
                        chosen.addFirst(raw);
                    });
        }
        for (int i = 0; i < count; i++) {
            line.add(chosen.get(i), "d" + i);
        }
        if (line.chance(4)) {
            line.output(line.any(outputs));
        }
        return line;
    }

    List<String> options() {
        return List.copyOf(options);
    }

    /** The disks, by qemu's names. */
    List<String> disks() {
        return List.copyOf(disks);
    }

    private void add(Image image, String name) {
        if (pc && image.driver().equals("raw") && !bare && random.nextInt(2) == 0) {
            bare = true;
            shortForm(image);
        } else if (pc && image.driver().equals("raw") && !flash) {
            flash = true;
            flash(image, name);
        } else if (random.nextInt(5) < 3) {
            drive(image, name);
        } else {
            blockdev(image, name);
        }
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    private <T> T any(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** The path in full, or relative to the process. */
    private String name(Path path) {
        return chance(2) ? path.toString() : process.relativize(path).toString();
    }

    private void shortForm(Image image) {
        String form = any(List.of(
                "-hda ide0-hd0",
                "-hdd ide1-hd1",
                "-cdrom ide1-cd0",
                "--hdc ide1-hd0",
                "-fda floppy0",
                "-pflash pflash0",
                " ide0-hd0"));
        flash |= form.startsWith("-pflash");
        int space = form.indexOf(' ');
        if (space > 0) {
            options.add(form.substring(0, space));
        }
        options.add(name(image.path()));
        disks.add(form.substring(space + 1));
    }

    private void flash(Image image, String name) {
        List<String> settings = new ArrayList<>(
                List.of("if=pflash", "unit=0", "id=" + name, format(image), "file=" + escaped(name(image.path()))));
        if (chance(2)) {
            settings.add("readonly=on");
        }
        Collections.shuffle(settings, random);
        options.addAll(List.of("-drive", String.join(",", settings)));
        disks.add(name);
    }

    /** Adds an output. Before the first instruction qemu writes nothing to it, but opens and truncates it. */
    private void output(Path path) {
        if (pc && chance(2)) {
            options.addAll(List.of("-serial", "file:" + name(path)));
        } else {
            String key = any(List.of("file,path=", "null,logfile=", "file,append=on,path="));
            options.addAll(List.of("-chardev", key + escaped(name(path)) + ",id=out"));
        }
    }

    private static String escaped(String value) {
        return value.replace(",", ",,");
    }

    private boolean isDirectPossible(Image image) {
        return image.files().stream().allMatch(isDirectPossible);
    }

    private void drive(Image image, String name) {
        List<String> settings = new ArrayList<>(List.of("id=" + name));
        boolean device = pc && chance(2);
        settings.add(device ? "if=virtio" : "if=none");
        if (isDirectPossible(image) && chance(2)) {
            settings.add(any(List.of("cache=none", "cache=directsync", "cache.direct=on", "cache=off")));
            if (chance(2)) {
                settings.add("aio=native");
            }
        } else if (chance(2)) {
            settings.add(any(List.of("cache=unsafe", "cache=writethrough", "cache.direct=off,cache.no-flush=on")));
        }
        if (chance(4)) {
            settings.add(any(List.of("readonly=on", "read-only=on", "readonly=off")));
        }
        boolean native_ = settings.contains("aio=native");
        if (chance(4)) {
            // aio=native needs O_DIRECT, but the overlay of snapshot=on is never opened with it.
            settings.add(native_ || chance(3) ? "snapshot=off" : "snapshot=on");
        } else if (native_) {
            settings.add("snapshot=off");
        }
        if (chance(3)) {
            settings.add(any(List.of("discard=unmap", "discard=ignore", "detect-zeroes=on", "werror=report")));
        }
        if (!device && chance(6)) {
            settings.add("media=cdrom");
        }
        if (chance(8)) {
            settings.add("throttling.iops-total=100000");
        }
        switch (image.needsDeclaredBacking() ? 4 : random.nextInt(5)) {
            case 0, 1 -> settings.addAll(List.of(format(image), "file=" + escaped(name(image.path()))));
            case 2 ->
                settings.addAll(List.of(
                        "driver=" + image.driver(),
                        "file.driver=file",
                        "file.filename=" + escaped(name(image.path())),
                        "file.locking=off"));
            case 3 ->
                settings.add("file=json:"
                        + escaped(JsonWriter.compact(Json.object()
                                .put("driver", image.driver())
                                .put("file", file(image.path()).build())
                                .build())));
            default -> {
                settings.addAll(List.of(format(image), "file=" + escaped(name(image.path()))));
                image.backing().ifPresent(backing -> {
                    settings.add("backing.driver=" + backing.driver());
                    settings.add("backing.file.filename=" + escaped(name(backing.path())));
                });
            }
        }
        Collections.shuffle(settings, random);
        options.addAll(List.of("-drive", String.join(",", settings)));
        disks.add(name);
    }

    private static String format(Image image) {
        return "format=" + image.driver();
    }

    private Json.ObjectBuilder file(Path path) {
        return Json.object().put("driver", "file").put("filename", name(path));
    }

    private void blockdev(Image image, String name) {
        Json.ObjectBuilder format = Json.object().put("driver", image.driver()).put("node-name", name);
        Json.ObjectBuilder file = file(image.path());
        boolean readOnly = chance(3);
        if (readOnly) {
            format.put("read-only", true);
        }
        if (chance(3)) {
            file.put("auto-read-only", true);
        }
        if (chance(3)) {
            format.put("discard", any(List.of("unmap", "ignore")));
        }
        boolean direct = isDirectPossible(image) && chance(2);
        if (direct) {
            (chance(2) ? format : file)
                    .put("cache", Json.object().put("direct", true).build());
        }
        if (image.needsDeclaredBacking() || chance(4)) {
            backing(image, name, format);
        }
        if (chance(2)) {
            format.put("file", file.build());
        } else {
            node(file.put("node-name", name + "f").build());
            format.put("file", name + "f");
        }
        node(format.build());
        disks.add(name);
    }

    /** A backing file written by the user, as libvirt does. */
    private void backing(Image image, String name, Json.ObjectBuilder format) {
        image.backing().ifPresent(backing -> {
            Json.ObjectBuilder below = Json.object()
                    .put("driver", backing.driver())
                    .put("read-only", true)
                    .put(
                            "file",
                            file(backing.path())
                                    .put("auto-read-only", chance(2))
                                    .build());
            if (chance(2)) {
                format.put("backing", below.build());
            } else {
                node(below.put("node-name", name + "b").build());
                format.put("backing", name + "b");
            }
        });
    }

    private void node(JsonObject node) {
        options.add("-blockdev");
        options.add(chance(2) ? JsonWriter.compact(node) : settings("", node));
    }

    private static String settings(String prefix, JsonObject node) {
        List<String> settings = new ArrayList<>();
        node.members()
                .forEach((key, value) -> settings.add(
                        switch (value) {
                            case JsonObject inner -> settings(prefix + key + ".", inner);
                            case Json.JsonString(String text) -> prefix + key + "=" + escaped(text);
                            case Json.JsonBoolean(boolean set) -> prefix + key + "=" + (set ? "on" : "off");
                            case Json.JsonArray _, Json.JsonInteger _, Json.JsonDecimal _, Json.JsonNull _ ->
                                throw new IllegalStateException("not in these nodes");
                        }));
        return String.join(",", settings);
    }
}
