/* A builder that does nothing: what a launch costs without a build. */
int main(void) {
  return 0;
}
