import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Reads a zip from a pipe and prints a line for each entry: size, CRC-32 and time of what was read, and its name. */
public class ListZip {
  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    byte[] buffer = new byte[1 << 20];
    try (ZipInputStream zip = new ZipInputStream(System.in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        CRC32 crc32 = new CRC32();
        long size = 0;
        for (int count = zip.read(buffer); count > 0; count = zip.read(buffer)) {
          crc32.update(buffer, 0, count);
          size += count;
        }
        long seconds = entry.getLastModifiedTime().to(TimeUnit.SECONDS);
        out.print(size + "\t" + crc32.getValue() + "\t" + seconds + "\t" + entry.getName() + "\n");
      }
    }
    out.flush();
  }
}
