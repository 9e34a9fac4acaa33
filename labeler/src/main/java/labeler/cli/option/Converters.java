package labeler.cli.option;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.arguments.PathConverter;
import labeler.arguments.RawArguments;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.registry.StorageName;
import labeler.selinux.Level;
import labeler.vm.VmName;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts raw arguments to types. */
public final class Converters {
    private static final String NOT_UTF8 = "QMP is UTF-8, and this is not; rename that file";

    private Converters() {}

    /** Arguments come as one character a byte. */
    private static Optional<String> utf8(String raw) {
        byte[] bytes = RawArguments.bytes(raw);
        String text = new String(bytes, StandardCharsets.UTF_8);
        return Optional.of(text).filter(_ -> Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes));
    }

    /** Text that qemu reads in QMP. */
    public static final class OfQmpText implements ITypeConverter<String> {
        @Override
        public String convert(String raw) {
            return utf8(raw).orElseThrow(() -> new TypeConversionException(NOT_UTF8));
        }
    }

    /** A path that qemu reads in QMP. */
    public static final class OfQmpPath implements ITypeConverter<HostPath> {
        @Override
        public HostPath convert(String raw) {
            if (utf8(raw).isEmpty()) {
                throw new TypeConversionException(NOT_UTF8);
            }
            return new PathConverter().convert(raw);
        }
    }

    public static final class OfVmName implements ITypeConverter<VmName> {
        /** The name, if this is one. */
        public static Optional<VmName> parse(String raw) {
            return utf8(raw).flatMap(VmName::parse);
        }

        @Override
        public VmName convert(String raw) {
            return parse(raw)
                    .orElseThrow(() -> new TypeConversionException(
                            "not a VM's name, which has 1 to 255 characters of UTF-8, no slash or control"
                                    + " character, and is not . or .."));
        }
    }

    public static final class OfStorageName implements ITypeConverter<StorageName> {
        @Override
        public StorageName convert(String raw) {
            return StorageName.parse(raw)
                    .orElseThrow(
                            () -> new TypeConversionException("not a name of a storage: up to 63 small letters, digits,"
                                    + " points, hyphens and underscores, a letter or digit first"));
        }
    }

    public static final class OfPastTime implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String raw) {
            return PastTime.read(raw, Instant.now(), ZoneId.systemDefault())
                    .orElseThrow(() -> new TypeConversionException(
                            "not a time: 10m, 2h, 3d for so long ago, or 2026-11-27T07:44:55Z"));
        }
    }

    public static final class OfLevel implements ITypeConverter<Level> {
        @Override
        public Level convert(String raw) {
            return Level.parse(raw)
                    .orElseThrow(
                            () -> new TypeConversionException("not a level with two different categories: s0:c1,c2"));
        }
    }

    public static final class OfPid implements ITypeConverter<Pid> {
        @Override
        public Pid convert(String raw) {
            try {
                return new Pid(Integer.parseInt(raw));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("not a process id: 1 to " + Pid.MAXIMUM);
            }
        }
    }

    /** Bytes a second, with a unit or without. */
    public static final class OfByteRate implements ITypeConverter<Long> {
        private static final Pattern RATE = Pattern.compile("([0-9]{1,12})([KMG]?)");
        private static final String UNITS = "KMG";
        private static final int SHIFT = 10;

        @Override
        public Long convert(String raw) {
            Matcher rate = RATE.matcher(raw);
            if (!rate.matches()) {
                throw new TypeConversionException("not bytes a second: up to 12 digits, and K, M or G if you like");
            }
            int steps = rate.group(2).isEmpty() ? 0 : 1 + UNITS.indexOf(rate.group(2));
            // 40 bits of number and 30 of unit: qemu has 63, and more than that is no limit.
            return Long.parseLong(rate.group(1)) > Long.MAX_VALUE >> (SHIFT * steps)
                    ? Long.MAX_VALUE
                    : Long.parseLong(rate.group(1)) << (SHIFT * steps);
        }
    }

    public static final class OfImageFormat implements ITypeConverter<ImageFormat> {
        @Override
        public ImageFormat convert(String raw) {
            return ImageFormat.ofName(raw)
                    .orElseThrow(() -> new TypeConversionException("not a format that is understood; known: "
                            + String.join(
                                    ", ",
                                    Arrays.stream(ImageFormat.values())
                                            .map(ImageFormat::driver)
                                            .toList())));
        }
    }

    public static final class OfFileName implements ITypeConverter<FileName> {
        @Override
        public FileName convert(String raw) {
            if (raw.isEmpty()) {
                throw new TypeConversionException("a file's name is not empty");
            }
            return FileName.of(RawArguments.bytes(raw));
        }
    }

    /** One of the policy module's booleans, and its wanted value. */
    public static final class OfPolicyBoolean implements ITypeConverter<PolicyBoolean> {
        @Override
        public PolicyBoolean convert(String raw) {
            String[] parts = raw.split("=", 2);
            if (parts.length != 2 || !(parts[1].equals("on") || parts[1].equals("off"))) {
                throw new TypeConversionException("not NAME=on or NAME=off");
            }
            return new PolicyBoolean(parts[0], parts[1].equals("on"));
        }
    }
}
